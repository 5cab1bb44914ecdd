//! What a server writes to standard output and standard error. Each has a thread of its own, so
//! that a reader that does not read or is gone, or a disk that is full, neither delays an answer
//! nor ends the server.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Maximum size of the lines that wait to be written (bytes). Further lines are dropped.
const MAX_WAITING: usize = 256 << 10;

/// How long [`Output::flush`] waits at most.
const FLUSH_TIME: Duration = Duration::from_secs(1);

/// How long to wait for an output that is not blocking and takes nothing at the moment.
const PAUSE: Duration = Duration::from_millis(10);

/// Lines to be written, in order, by a thread of their own. Writing never waits and never fails:
/// lines that nobody takes are dropped and counted, and their number is written once the output
/// takes lines again.
#[derive(Clone)]
pub(crate) struct Output(Arc<Shared>);

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    lines: VecDeque<Vec<u8>>,
    bytes: usize,
    /// How many lines were dropped since that was last reported.
    dropped: u64,
    is_writing: bool,
}

impl Output {
    /// # Errors
    /// If there can be no thread.
    pub(crate) fn new(sink: impl Write + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let written = shared.clone();
        let work = move || written.write_all(Sink { sink, is_torn: false });
        thread::Builder::new().name("syncmock-output".into()).spawn(work)?;
        Ok(Self(shared))
    }

    /// Takes whole lines.
    pub(crate) fn write(&self, lines: &[u8]) {
        let mut queue = self.0.lock();
        if queue.bytes + lines.len() > MAX_WAITING {
            queue.dropped += 1;
            return;
        }
        queue.bytes += lines.len();
        queue.lines.push_back(lines.to_vec());
        drop(queue);
        self.0.changed.notify_all();
    }

    /// Waits until everything is written, or for a second.
    pub(crate) fn flush(&self) {
        self.flush_within(FLUSH_TIME);
    }

    fn flush_within(&self, time: Duration) {
        let is_pending = |queue: &mut Queue| queue.is_writing || !queue.lines.is_empty();
        drop(self.0.changed.wait_timeout_while(self.0.lock(), time, is_pending));
    }
}

/// For a formatter that writes each line with one call.
impl Write for Output {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        Self::write(self, line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_all(&self, mut sink: Sink<impl Write>) {
        loop {
            let waiting = self.changed.wait_while(self.lock(), |queue| queue.lines.is_empty());
            let mut queue = waiting.unwrap_or_else(PoisonError::into_inner);
            let lines = std::mem::take(&mut queue.lines);
            queue.bytes = 0;
            queue.is_writing = true;
            drop(queue);
            let failed = lines.iter().filter(|line| sink.write_line(line).is_err()).count();

            let mut queue = self.lock();
            queue.dropped += failed as u64;
            // Lines are dropped after those that wait, so they are reported after them.
            let dropped = match queue.lines.is_empty() {
                true => std::mem::take(&mut queue.dropped),
                false => 0,
            };
            drop(queue);
            let report = format!("{dropped} log lines were dropped: nobody took them\n");
            let is_reported = dropped == 0 || sink.write_line(report.as_bytes()).is_ok();

            let mut queue = self.lock();
            if !is_reported {
                queue.dropped += dropped;
            }
            queue.is_writing = false;
            drop(queue);
            self.changed.notify_all();
        }
    }
}

struct Sink<W> {
    sink: W,
    /// Whether the last line was written in part.
    is_torn: bool,
}

impl<W: Write> Sink<W> {
    fn write_line(&mut self, line: &[u8]) -> io::Result<()> {
        let line = if self.is_torn { [b"\n", line].concat() } else { line.to_vec() };
        let mut rest = &line[..];
        while !rest.is_empty() {
            match self.sink.write(rest) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(length) => {
                    rest = rest.get(length..).unwrap_or_default();
                    self.is_torn = !rest.is_empty();
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(PAUSE),
                Err(error) => return Err(error),
            }
        }
        self.sink.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// Takes a line whenever it is told to, or fails if it is told so.
    struct Slow {
        told: Receiver<bool>,
        taken: Sender<String>,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.told.recv() == Ok(false) {
                return Err(ErrorKind::StorageFull.into());
            }
            let _ = self.taken.send(String::from_utf8_lossy(bytes).into_owned());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn slow() -> (Output, Sender<bool>, Receiver<String>) {
        let ((tell, told), (taken, lines)) = (channel(), channel());
        (Output::new(Slow { told, taken }).expect("a thread"), tell, lines)
    }

    #[test]
    fn lines_that_nobody_takes_are_dropped_and_their_number_is_reported() {
        let (output, tell, lines) = slow();
        let line = format!("{}\n", "x".repeat(999));
        // Nobody takes any of them yet, and no call waits.
        (0..1_000).for_each(|_| output.write(line.as_bytes()));
        let mut taken = 0_u64;
        let report = loop {
            tell.send(true).expect("the thread runs");
            let next = lines.recv().expect("the thread runs");
            match next == line {
                true => taken += 1,
                false => break next,
            }
        };
        // The first lines may have been taken out of the queue before it was full.
        assert!(taken >= MAX_WAITING as u64 / 1_000 && taken < 1_000);
        assert_eq!(report, format!("{} log lines were dropped: nobody took them\n", 1_000 - taken));
        output.write(b"next\n");
        tell.send(true).expect("the thread runs");
        assert_eq!(lines.recv().as_deref(), Ok("next\n"));
    }

    #[test]
    fn lines_that_an_output_refuses_are_counted_until_it_takes_them_again() {
        let (output, tell, lines) = slow();
        // Each line and the report on it fail.
        for _ in 0..3 {
            output.write(b"lost\n");
            tell.send(false).expect("the thread runs");
            tell.send(false).expect("the thread runs");
            output.flush_within(Duration::from_secs(60));
        }
        output.write(b"kept\n");
        tell.send(true).expect("the thread runs");
        tell.send(true).expect("the thread runs");
        assert_eq!(lines.recv().as_deref(), Ok("kept\n"));
        assert_eq!(lines.recv().as_deref(), Ok("3 log lines were dropped: nobody took them\n"));
    }
}
