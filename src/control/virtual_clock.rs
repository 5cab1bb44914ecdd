//! The virtual clock of a running world. Nothing else in the crate reads the machine's clocks to
//! decide an answer.

#![expect(clippy::disallowed_methods, reason = "where real time becomes virtual")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;

use crate::engine::{ClockPlan, ClockReading};
use crate::world::time::Timestamp;

/// The time of the machine's clock, for scenarios without a start.
pub(crate) fn machine_now() -> Timestamp {
    let millis = |span: Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(after) => millis(after),
        Err(before) => -millis(before.duration()),
    })
}

/// A virtual clock that can be read, turned and frozen from any thread. Reading never waits.
///
/// It goes forward only, whatever its speed is changed to, unless [`Clock::set`] puts it
/// back.
///
/// A clock that starts at the machine's time and runs at normal speed goes with the machine's
/// clock: after the machine slept, or its clock was set forward, so is the virtual one; while the
/// machine's is behind what it was, the virtual one stands still. Every other clock measures the
/// time that the machine is awake.
#[derive(Debug)]
pub(crate) struct Clock {
    settings: ArcSwap<Settings>,
    follows_machine: bool,
}

impl Clock {
    /// A clock that starts when it is made.
    pub(crate) fn new(plan: ClockPlan) -> Self {
        let ClockPlan { start, speed, follows_machine } = plan;
        let settings = Settings {
            anchor: Anchor::new(follows_machine, speed),
            then: start,
            speed,
            latest: latest(start),
        };
        Self { settings: ArcSwap::from_pointee(settings), follows_machine }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.settings.load().now()
    }

    /// The time and the speed, of the same moment.
    pub(crate) fn read(&self) -> ClockReading {
        let settings = self.settings.load();
        ClockReading { now: settings.now(), speed: settings.speed }
    }

    /// Sets the time, which may lie in the past, the speed (virtual milliseconds per real
    /// second; 0 freezes), or both at once.
    pub(crate) fn set(&self, now: Option<Timestamp>, speed: Option<u64>) {
        self.settings.rcu(|old| {
            let (then, speed) = (now.unwrap_or_else(|| old.now()), speed.unwrap_or(old.speed));
            Settings {
                anchor: Anchor::new(self.follows_machine, speed),
                then,
                speed,
                latest: now.map_or_else(|| old.latest.clone(), latest),
            }
        });
    }

    /// Jumps forward by virtual milliseconds, frozen or not. The calendar's end stops it.
    pub(crate) fn advance(&self, millis: u64) {
        self.settings.rcu(|old| {
            let then = old.now().plus(millis);
            Settings {
                anchor: Anchor::new(self.follows_machine, old.speed),
                then,
                speed: old.speed,
                latest: old.latest.clone(),
            }
        });
    }
}

/// A moment of real time.
#[derive(Clone, Copy, Debug)]
enum Anchor {
    /// On a clock that stands still while the machine sleeps.
    Awake(Instant),
    /// On the machine's clock, which can be set.
    Machine(SystemTime),
}

impl Anchor {
    /// Now, for a clock of that speed.
    fn new(follows_machine: bool, speed: u64) -> Self {
        if follows_machine && speed == NORMAL_SPEED {
            Self::Machine(SystemTime::now())
        } else {
            Self::Awake(Instant::now())
        }
    }

    /// Zero if the machine's clock was set back behind it.
    fn elapsed(self) -> Duration {
        match self {
            Self::Awake(at) => at.elapsed(),
            Self::Machine(at) => at.elapsed().unwrap_or_default(),
        }
    }
}

/// Virtual milliseconds per real second.
const NORMAL_SPEED: u64 = 1_000;

#[derive(Debug)]
struct Settings {
    anchor: Anchor,
    /// Virtual time at the anchor.
    then: Timestamp,
    speed: u64,
    /// The latest time (ms) that the clock has told. A thread that still uses the settings of a
    /// moment ago can be ahead of one that slows the clock down.
    latest: Arc<AtomicI64>,
}

fn latest(now: Timestamp) -> Arc<AtomicI64> {
    Arc::new(AtomicI64::new(now.millis()))
}

impl Settings {
    fn now(&self) -> Timestamp {
        self.after(self.anchor.elapsed())
    }

    /// The time when that much real time has passed since the anchor.
    fn after(&self, elapsed: Duration) -> Timestamp {
        let passed = elapsed.as_micros().saturating_mul(u128::from(self.speed)) / 1_000_000;
        let now = self.then.plus(u64::try_from(passed).unwrap_or(u64::MAX)).millis();
        let latest = self.latest.load(Ordering::Relaxed);
        Timestamp::from_millis(if now > latest {
            self.latest.fetch_max(now, Ordering::Relaxed).max(now)
        } else {
            latest
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_millis(1_772_366_400_000);

    fn clock(speed: u64) -> Clock {
        Clock::new(ClockPlan { start: NOON, speed, follows_machine: false })
    }

    #[test]
    fn speed_is_virtual_milliseconds_per_real_second() {
        let anchor = Anchor::new(false, 0);
        let says = |speed, real: Duration| {
            Settings { anchor, then: NOON, speed, latest: latest(NOON) }.after(real)
        };
        assert_eq!(says(1_000, Duration::from_millis(1_500)), NOON.plus(1_500));
        assert_eq!(says(60_000, Duration::from_micros(1_500)), NOON.plus(90));
        assert_eq!(says(500, Duration::from_secs(3)), NOON.plus(1_500));
        assert_eq!(says(0, Duration::from_secs(3_600)), NOON);
        let far = says(u64::MAX, Duration::from_secs(u64::from(u32::MAX)));
        assert_eq!(far, Timestamp::from_millis(i64::MAX));
    }

    #[test]
    fn a_clock_at_the_machines_time_and_speed_goes_with_the_machines_clock() {
        const HOUR: Duration = Duration::from_secs(3_600);
        let follows = |follows_machine, speed| {
            matches!(Anchor::new(follows_machine, speed), Anchor::Machine(_))
        };
        assert!(follows(true, 1_000));
        assert!(!follows(false, 1_000) && !follows(true, 0) && !follows(true, 60_000));
        let clock = Clock::new(ClockPlan { start: NOON, speed: 1_000, follows_machine: true });
        let settings = |then, at| Settings {
            anchor: Anchor::Machine(at),
            then,
            speed: 1_000,
            latest: clock.settings.load().latest.clone(),
        };
        // The machine slept for eight hours.
        let slept = SystemTime::now().checked_sub(8 * HOUR).expect("a time");
        clock.settings.store(settings(NOON, slept).into());
        let woke = clock.now();
        assert!(woke >= NOON.plus(8 * 3_600_000) && woke < NOON.plus(9 * 3_600_000));
        // Its clock was set back by an hour.
        let ahead = SystemTime::now().checked_add(HOUR).expect("a time");
        clock.settings.store(settings(woke, ahead).into());
        assert_eq!(clock.now(), woke);
        clock.set(None, Some(0));
        assert_eq!(clock.read(), ClockReading { now: woke, speed: 0 });
    }

    #[test]
    fn a_frozen_clock_stands_until_it_is_turned() {
        let clock = clock(0);
        assert_eq!(clock.now(), NOON);
        clock.advance(300_000);
        assert_eq!(clock.now(), NOON.plus(300_000));
        clock.set(Some(NOON.minus(5)), None);
        assert_eq!(clock.read(), ClockReading { now: NOON.minus(5), speed: 0 });
        clock.advance(u64::MAX);
        assert_eq!(clock.now(), Timestamp::from_millis(i64::MAX));
    }

    #[test]
    fn no_update_is_lost_when_many_turn_the_clock() {
        let clock = clock(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..500).for_each(|_| clock.advance(7)));
            }
        });
        assert_eq!(clock.now(), NOON.plus(4 * 500 * 7));
    }

    #[test]
    fn changing_the_speed_never_takes_time_back() {
        let clock = clock(1_000_000_000);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let mut before = clock.now();
                    for _ in 0..20_000 {
                        let now = clock.now();
                        assert!(now >= before, "{now} after {before}");
                        before = now;
                    }
                });
            }
            for round in 0..2_000 {
                clock.set(None, Some(if round % 2 == 0 { 0 } else { 1_000_000_000 }));
            }
        });
    }
}
