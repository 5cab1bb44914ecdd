//! How much a client may send, how long it may take, and how many there may be.

use std::time::Duration;

/// The bounds of one server. A client that breaks one is answered if it still can be, and
/// its connection is closed; other clients do not notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// The longest request body, in bytes; a longer one is answered with 413.
    pub(crate) body: usize,
    /// The longest request line and headers together, in bytes; longer ones are answered
    /// with 431. A target above 65534 bytes is answered with 414, more than 100 headers
    /// with 431, whatever this says.
    pub(crate) head: usize,
    /// How long a connection may stand still: from the end of one answer to the next head in
    /// full, or while the client does not read what it is sent. It is then closed without an
    /// answer, at the latest after a quarter more.
    pub(crate) head_time: Duration,
    /// How long the body may take to arrive in full; after that the answer is 408.
    pub(crate) body_time: Duration,
    /// How long a client may take to read one answer, however steadily it reads; the time that a
    /// fault slows the answer down comes on top. The connection is then closed.
    pub(crate) answer_time: Duration,
    /// How long requests in flight may go on when the server is told to stop.
    pub(crate) drain_time: Duration,
    /// How many connections there may be. For each further one the longest idle is closed; while
    /// none is idle, new ones wait.
    pub(crate) connections: usize,
}

impl Default for Limits {
    /// 12 MiB of body (the documented bound of Huawei's gateway), 128 KiB of head, 30 s for
    /// each, 5 minutes for an answer, 10 s to drain. The head's 30 s lie above the 25 s that
    /// Alibaba's gateway announces for idle connections, so a client that believes it closes first.
    /// The number of connections is the command line's to bound: descriptors are the process's.
    fn default() -> Self {
        Self {
            body: 12 << 20,
            head: 128 << 10,
            head_time: Duration::from_secs(30),
            body_time: Duration::from_secs(30),
            answer_time: Duration::from_secs(300),
            drain_time: Duration::from_secs(10),
            connections: usize::MAX,
        }
    }
}
