//! The CPU time of this thread: what other work the machine has does not count.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

fn now() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}

/// How much of it the work takes.
pub(crate) fn of(work: impl FnOnce()) -> Duration {
    let before = now();
    work();
    now().saturating_sub(before)
}
