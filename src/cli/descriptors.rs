//! How many file descriptors the process may have.

/// Descriptors that connections leave free: for the outputs, the listener, the runtime, and files.
const RESERVE: u64 = 64;

/// Neither more descriptors nor more connections are of use to a mock server. A limit of a
/// billion, as in some containers, makes programs slow that walk over all descriptors.
const MAX_DESCRIPTORS: u64 = 65_536;
const MAX_CONNECTIONS: u64 = 16_384;

/// Raises the limit of the process as far as it may, and returns how many connections it allows.
pub(crate) fn raise_limit() -> usize {
    connections(raised())
}

fn connections(descriptors: u64) -> usize {
    let free = descriptors.saturating_sub(RESERVE).max(descriptors / 2).min(MAX_CONNECTIONS);
    usize::try_from(free).unwrap_or(usize::MAX)
}

#[cfg(unix)]
fn raised() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.unwrap_or(u64::MAX).min(MAX_DESCRIPTORS);
    let now = limit.current.unwrap_or(u64::MAX);
    if now >= wanted {
        return now;
    }
    let raised = Rlimit { current: Some(wanted), maximum: limit.maximum };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => wanted,
        // Some systems have a lower bound of their own.
        Err(_) => now,
    }
}

#[cfg(not(unix))]
fn raised() -> u64 {
    MAX_DESCRIPTORS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_some_descriptors_free() {
        let allowed = [0, 20, 256, 1_024, 65_536, u64::MAX].map(connections);
        assert_eq!(allowed, [0, 10, 192, 960, 16_384, 16_384]);
    }
}
