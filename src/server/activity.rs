//! What one connection is doing: for noticing that it has come to a stop, and for finding the one
//! that has been idle longest.
//!
//! hyper can notice a stop too, with a timer for each request, at a tenth of the speed of small
//! answers. Here a connection has one timer, which looks in a few times before it gives up.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

use super::limits::Limits;

const LOOKS: u32 = 4;

/// Only the connection's own task writes to it, apart from `asked_to_close`.
#[derive(Debug)]
pub(crate) struct Activity {
    accepted: Instant,
    /// Whether a request is being answered, which may take as long as it takes.
    busy: AtomicBool,
    /// Whether an answer is on its way to the client.
    unsent: AtomicBool,
    /// How many answers there were, and how often bytes were sent.
    answers: AtomicU32,
    written: AtomicU32,
    /// The end of the last answer, in µs after `accepted`.
    idle_since: AtomicU64,
    asked_to_close: AtomicBool,
    close: Notify,
}

impl Activity {
    /// Of a connection that is accepted now.
    pub(crate) fn new() -> Self {
        Self {
            accepted: Instant::now(),
            busy: AtomicBool::new(false),
            unsent: AtomicBool::new(false),
            answers: AtomicU32::new(0),
            written: AtomicU32::new(0),
            idle_since: AtomicU64::new(0),
            asked_to_close: AtomicBool::new(false),
            close: Notify::new(),
        }
    }

    /// Marks the connection as busy until the guard is dropped.
    pub(crate) fn busy(&self) -> Busy<'_> {
        self.busy.store(true, Ordering::Relaxed);
        Busy(self)
    }

    /// An answer is made, and will be sent.
    pub(crate) fn answered(&self) {
        self.unsent.store(true, Ordering::Relaxed);
        self.answers.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn sent_some(&self) {
        self.written.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn sent_all(&self) {
        self.unsent.store(false, Ordering::Relaxed);
    }

    /// Whether no request is being answered, and no answer sent.
    pub(crate) fn is_idle(&self) -> bool {
        !self.busy.load(Ordering::Relaxed) && !self.unsent.load(Ordering::Relaxed)
    }

    /// How long the connection has been idle; None if it is not, or is closing already.
    pub(crate) fn idle_time(&self) -> Option<Duration> {
        let since = Duration::from_micros(self.idle_since.load(Ordering::Relaxed));
        let is_candidate = self.is_idle() && !self.asked_to_close.load(Ordering::Relaxed);
        is_candidate.then(|| self.accepted.elapsed().saturating_sub(since))
    }

    /// Asks the connection to close, unless a request comes first.
    pub(crate) fn ask_to_close(&self) {
        self.asked_to_close.store(true, Ordering::Relaxed);
        self.close.notify_one();
    }

    /// Ready once the connection was asked to close and is idle.
    pub(crate) async fn is_asked_to_close(&self) {
        loop {
            self.close.notified().await;
            if self.is_idle() {
                return;
            }
            self.asked_to_close.store(false, Ordering::Relaxed);
        }
    }

    /// Ready once nothing was answered and nothing sent for [`Limits::head_time`], or one answer
    /// was on its way for [`Limits::answer_time`], or up to a quarter of the first more.
    pub(crate) async fn stops(&self, limits: &Limits) {
        let pause = limits.head_time / LOOKS;
        let (mut quiet, mut taking) = (0, Duration::ZERO);
        let now = || (self.written.load(Ordering::Relaxed), self.answers.load(Ordering::Relaxed));
        let mut before = now();
        while quiet < LOOKS && taking < limits.answer_time {
            sleep(pause).await;
            let (written, answers) = now();
            let has_moved = written != before.0 || self.busy.load(Ordering::Relaxed);
            quiet = if has_moved { 0 } else { quiet + 1 };
            let is_same = self.unsent.load(Ordering::Relaxed) && answers == before.1;
            taking = if is_same { taking + pause } else { Duration::ZERO };
            before = (written, answers);
        }
    }
}

pub(crate) struct Busy<'a>(&'a Activity);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        let Self(activity) = self;
        let now = u64::try_from(activity.accepted.elapsed().as_micros()).unwrap_or(u64::MAX);
        activity.idle_since.store(now, Ordering::Relaxed);
        activity.busy.store(false, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run<T>(work: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        runtime.expect("a runtime").block_on(work)
    }

    /// Sends a little again and again, for ever.
    async fn trickle(activity: &Activity) {
        loop {
            activity.sent_some();
            sleep(Duration::from_millis(1)).await;
        }
    }

    #[test]
    fn an_answer_that_is_read_slowly_but_steadily_ends_in_total() {
        let limits = Limits {
            head_time: Duration::from_millis(80),
            answer_time: Duration::from_millis(100),
            ..Limits::default()
        };
        run(async {
            let activity = Activity::new();
            activity.answered();
            tokio::select! {
                () = activity.stops(&limits) => {}
                () = trickle(&activity) => {}
            }
        });
    }

    #[test]
    fn who_is_asked_to_close_while_busy_stays_and_can_be_asked_again() {
        run(async {
            let activity = Activity::new();
            assert!(activity.idle_time().is_some());
            let busy = activity.busy();
            activity.answered();
            activity.ask_to_close();
            let mut closes = std::pin::pin!(activity.is_asked_to_close());
            assert!(tokio::time::timeout(Duration::ZERO, &mut closes).await.is_err());
            drop(busy);
            assert!(activity.idle_time().is_none(), "its answer is not sent yet");
            activity.sent_all();
            assert!(activity.idle_time().is_some());
            activity.ask_to_close();
            assert!(activity.idle_time().is_none(), "it is closing");
            closes.await;
        });
    }
}
