//! Pieces of a scenario file that several services' sections share.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::problem::{Place, Problem};
use super::value::{Length, Malformed, Moment, Size};
use crate::gateway::nearest::nearest;
use crate::plan::Base;
use crate::world::causes::{Cause, Causes};
use crate::world::deck::LARGEST_WEIGHT_SUM;
use crate::world::draw::Stream;
use crate::world::lifecycle::{Path, State, Stay};
use crate::world::machine::{Machine, Typical};
use crate::world::population::{Arrivals, LARGEST_COUNT};
use crate::world::quantiles::Quantiles;
use crate::world::time::{DAY, Timestamp};

/// How long something takes: always the same, or spread around a median.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Spread {
    /// Always as long.
    Constant(Length),
    /// Log-normal: half take less than the median, one in a hundred longer than p99.
    Spread(SpreadTable),
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpreadTable {
    /// Half of all take less.
    pub median: Length,
    /// One in a hundred takes longer; left out: the same as the median.
    pub p99: Option<Length>,
}

impl From<Typical> for Spread {
    fn from(typical: Typical) -> Self {
        let Typical { median, p99, .. } = typical;
        Self::Spread(SpreadTable { median: Length(median), p99: Some(Length(p99)) })
    }
}

impl Spread {
    /// The usual stay in a state of the machine.
    pub fn usual(machine: &Machine, state: State) -> Self {
        machine.stay(state).map_or(Self::Constant(Length(0)), Self::from)
    }

    /// In ms.
    pub fn quantiles(self) -> Quantiles {
        match self {
            Self::Constant(length) => Quantiles::constant(length.0),
            Self::Spread(SpreadTable { median, p99 }) => {
                Quantiles::log_normal(median.0, p99.map_or(0, |p99| p99.0))
            }
        }
    }

    pub fn check(self, place: Place, problems: &mut Vec<Problem>) {
        if let Self::Spread(SpreadTable { median, p99: Some(p99) }) = self
            && p99.0 < median.0
        {
            let text = format!("p99 ({p99}) is below the median ({median})");
            problems.push(Problem::value(place.key("p99"), text));
        }
    }
}

/// How big something is: always the same, or spread around a median.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum SizeSpread {
    /// Always as big.
    Constant(Size),
    /// Log-normal: half are smaller than the median, one in a hundred bigger than p99.
    Spread(SizeSpreadTable),
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SizeSpreadTable {
    /// Half of all are smaller.
    pub median: Size,
    /// One in a hundred is bigger; left out: the same as the median.
    pub p99: Option<Size>,
}

impl SizeSpread {
    /// In bytes.
    pub fn quantiles(self) -> Quantiles {
        match self {
            Self::Constant(size) => Quantiles::constant(size.0),
            Self::Spread(SizeSpreadTable { median, p99 }) => {
                Quantiles::log_normal(median.0, p99.map_or(0, |p99| p99.0))
            }
        }
    }

    pub fn check(self, place: Place, problems: &mut Vec<Problem>) {
        if let Self::Spread(SizeSpreadTable { median, p99: Some(p99) }) = self
            && p99.0 < median.0
        {
            let text = format!("p99 ({p99}) is below the median ({median})");
            problems.push(Problem::value(place.key("p99"), text));
        }
    }
}

/// An error that failed jobs carry.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CauseTable {
    /// The code, as on the wire; services without one ignore it.
    #[serde(default)]
    pub code: String,
    /// The text, as on the wire.
    pub message: String,
    /// How often it occurs, against the other causes.
    #[serde(default = "one")]
    #[schemars(range(max = 65536))]
    pub weight: u64,
}

/// (code, Chinese text, English text, weight)
pub type UsualCause = (&'static str, &'static str, &'static str, u64);

/// The causes of the file, or the usual ones in the scenario's language.
pub fn causes(
    tables: Vec<CauseTable>,
    usual: &[UsualCause],
    base: &Base,
    place: Place,
    problems: &mut Vec<Problem>,
) -> Causes {
    let weights: Vec<u64> = tables.iter().map(|table| table.weight).collect();
    check_weights(&weights, place, problems);
    let usual_in_tongue = |&(code, chinese, english, weight): &UsualCause| Cause {
        code: code.to_owned(),
        message: base.tongue.choose(chinese, english).to_owned(),
        weight,
    };
    Causes::new(if tables.is_empty() {
        usual.iter().map(usual_in_tongue).collect()
    } else {
        let cause = |CauseTable { code, message, weight }| Cause { code, message, weight };
        tables.into_iter().map(cause).collect()
    })
}

pub fn one() -> u64 {
    1
}

/// When the things of a population exist: the part of its section that says so.
#[derive(Clone, Copy, Debug)]
pub struct When {
    pub count: u64,
    pub every: Option<Length>,
    pub over: Option<Length>,
    pub start: Option<Moment>,
}

impl When {
    /// With `every`, that is the spacing before the start and after it. Without, none arrive
    /// later, and those that are there are spread over `over` (7 days).
    pub fn arrivals(
        self,
        base: &Base,
        stream: Stream,
        place: &Place,
        problems: &mut Vec<Problem>,
    ) -> Arrivals {
        if self.count > LARGEST_COUNT {
            problems.push(Problem::value(
                place.clone().key("count"),
                format!("at most {LARGEST_COUNT} are possible"),
            ));
        }
        if let (Some(_), Some(over)) = (self.every, self.over) {
            problems.push(
                Problem::key(place.clone().key("over"), "over has no effect beside every")
                    .hint(format!("leave out over = \"{over}\", or every")),
            );
        }
        if self.every == Some(Length(0)) {
            problems.push(Problem::value(place.clone().key("every"), "must be longer than 0s"));
        }
        let over = self.over.map_or(7 * DAY, |over| over.0);
        let spacing = self.every.map_or(over / self.count.max(1), |every| every.0);
        if spacing == 0 && self.every.is_none() {
            problems.push(
                Problem::value(
                    place.clone().key(if self.over.is_some() { "over" } else { "count" }),
                    format!("{} do not fit: there is room for one a millisecond", self.count),
                )
                .hint("make over longer"),
            );
        }
        Arrivals {
            seed: base.seed,
            stream,
            count: self.count.min(LARGEST_COUNT),
            start: self.start.map_or(base.start, |start| Timestamp::from_millis(start.0)),
            spacing: spacing.max(1),
            grows: self.every.is_some(),
        }
    }
}

/// Weights must have a sum that a deck can deal.
pub fn check_weights(weights: &[u64], place: Place, problems: &mut Vec<Problem>) {
    let sum = weights.iter().fold(0u64, |sum, w| sum.saturating_add(*w));
    if weights.len() as u64 > LARGEST_WEIGHT_SUM {
        let text = format!("{LARGEST_WEIGHT_SUM} at most are possible, here are {}", weights.len());
        problems.push(Problem::value(place, text));
        return;
    }
    if sum == 0 && !weights.is_empty() {
        problems.push(
            Problem::value(place, "all weights are 0").hint("give at least one a weight above 0"),
        );
    } else if sum > LARGEST_WEIGHT_SUM {
        problems.push(
            Problem::value(place, format!("the weights add up to {sum}"))
                .hint(format!("they may add up to {LARGEST_WEIGHT_SUM} at most")),
        );
    }
}

/// The paths that things take which clients create or trigger.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Created {
    /// One after another, the last again and again; each is written as the path of an exact
    /// job is. Left out: they do as generated ones do.
    #[schemars(length(max = 1000))]
    pub paths: Vec<Vec<String>>,
}

impl Created {
    /// `first` are the states that a path may begin in.
    pub fn paths(
        &self,
        lives: &Lives<'_>,
        first: &[State],
        place: &Place,
        problems: &mut Vec<Problem>,
    ) -> Vec<Arc<Path>> {
        let place = place.clone().key("created").key("paths");
        let paths = self.paths.iter().enumerate();
        paths
            .filter_map(|(i, steps)| {
                lives.path(steps, first, &place.clone().index(i), problems).map(Arc::new)
            })
            .collect()
    }
}

/// Of those paths the one for the `n`-th thing, counted from 0.
pub fn turn(paths: &[Arc<Path>], n: usize) -> Option<&Arc<Path>> {
    paths.get(n.min(paths.len().saturating_sub(1)))
}

/// What a path that a person writes is held to.
pub struct Lives<'a> {
    pub machine: &'a Machine,
    /// How long things stay in a state if the path does not say, as the scenario has it.
    pub usual: &'a dyn Fn(State) -> Option<Quantiles>,
}

const STEP_HINT: &str =
    r#"write a state and how long it lasts, as in "running 20s" or "running 2 looks""#;

impl Lives<'_> {
    /// The paths of the machine's courses, in their order.
    pub fn generated(&self) -> Vec<Path> {
        let stay = |&state: &State| Some((state, Stay::Time((self.usual)(state)?)));
        let courses = self.machine.courses.iter();
        courses
            .map(|course| Path {
                stays: course.through.iter().filter_map(stay).collect(),
                rest: course.rest,
            })
            .collect()
    }

    /// Reads `["pending", "running 20s", "success"]`: states of the machine, as on the wire,
    /// each after one that leads to it. A state may say how long it lasts, in time or in
    /// looks (answers that show the thing); the last one lasts for ever.
    pub fn path(
        &self,
        steps: &[String],
        first: &[State],
        place: &Place,
        problems: &mut Vec<Problem>,
    ) -> Option<Path> {
        let before = problems.len();
        let mut read = Vec::new();
        for (i, text) in steps.iter().enumerate() {
            match self.step(text, &place.clone().index(i)) {
                Ok(step) => read.push(step),
                Err(problem) => problems.push(*problem),
            }
        }
        if problems.len() > before {
            return None;
        }
        let Some(((rest, length), passed)) = read.split_last() else {
            problems.push(Problem::value(place.clone(), "a path has one state at least"));
            return None;
        };
        let machine = self.machine;
        let names = |states: &[State]| {
            let names: Vec<&str> = states.iter().map(|&state| machine.name(state)).collect();
            names.join(", ")
        };
        let begins = passed.first().map_or(*rest, |(state, _)| *state);
        if !first.contains(&begins) {
            let text = format!("no path begins with {} here", machine.name(begins));
            let hint = format!("it begins with one of {}", names(first));
            problems.push(Problem::value(place.clone().index(0), text).hint(hint));
        }
        if length.is_some() {
            let text = "the last state of a path lasts for ever";
            problems.push(
                Problem::value(place.clone().index(steps.len() - 1), text)
                    .hint(format!("write it as \"{}\"", machine.name(*rest))),
            );
        }
        for (i, pair) in read.windows(2).enumerate() {
            let [(from, _), (to, _)] = pair else { continue };
            let follow = machine.follow(*from);
            if !follow.contains(to) {
                let (from, to) = (machine.name(*from), machine.name(*to));
                let text = format!("{to} does not follow {from}");
                let hint = match follow.as_slice() {
                    [] => format!("nothing follows {from}"),
                    _ => format!("after {from} there can be {}", names(&follow)),
                };
                problems.push(Problem::value(place.clone().index(i + 1), text).hint(hint));
            }
        }
        let stays = passed.iter().enumerate().filter_map(|(i, (state, stay))| {
            let usual = || (self.usual)(*state).map(Stay::Time);
            let stay = stay.clone().or_else(usual);
            if stay.is_none() {
                let name = machine.name(*state);
                let text = format!("how long does {name} last?");
                problems.push(
                    Problem::value(place.clone().index(i), text)
                        .hint(format!("it does not end by itself; write \"{name} 1h\"")),
                );
            }
            Some((*state, stay?))
        });
        let path = Path { stays: stays.collect(), rest: *rest };
        (problems.len() == before).then_some(path)
    }

    fn step(&self, text: &str, place: &Place) -> Result<(State, Option<Stay>), Box<Problem>> {
        let mut words = text.split_whitespace();
        let name = words.next().unwrap_or_default();
        let problem =
            |text: String, hint: String| Box::new(Problem::value(place.clone(), text).hint(hint));
        let names = || self.machine.states.iter().map(|row| row.name);
        let state = self.machine.named(name).ok_or_else(|| {
            let hint = match nearest(name, names()) {
                Some(meant) => format!("did you mean {meant}?"),
                None => format!("the states are {}", names().collect::<Vec<_>>().join(", ")),
            };
            problem(format!("there is no state {name:?}"), hint)
        })?;
        let stay = match (words.next(), words.next(), words.next()) {
            (None, ..) => None,
            (Some(length), None, _) => {
                let length: Length = length.parse().map_err(|malformed: Malformed| {
                    problem(malformed.message, STEP_HINT.to_owned())
                })?;
                Some(Stay::Time(Quantiles::constant(length.0)))
            }
            (Some(count), Some("look" | "looks"), None) => {
                let count = count.parse().ok().filter(|count| (1..=1_000_000).contains(count));
                let wrong =
                    || problem("looks are counted from 1 to 1000000".into(), STEP_HINT.into());
                Some(Stay::Looks(count.ok_or_else(wrong)?))
            }
            _ => return Err(problem("there is more than a length here".into(), STEP_HINT.into())),
        };
        Ok((state, stay))
    }
}
