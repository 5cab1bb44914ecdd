//! What failed things say.

use super::draw::scale;

#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    pub code: String,
    pub message: String,
    /// How often it occurs, against the others.
    pub weight: u64,
}

/// Pick one by a draw; an empty list has an empty cause.
#[derive(Clone, Debug)]
pub struct Causes {
    all: Vec<Cause>,
    none: Cause,
}

impl Causes {
    pub fn new(all: Vec<Cause>) -> Self {
        Self { all, none: Cause { code: String::new(), message: String::new(), weight: 0 } }
    }

    pub fn pick(&self, draw: u64) -> &Cause {
        let sum: u64 = self.all.iter().map(|cause| cause.weight).sum();
        let mut rest = scale(draw, sum);
        for cause in &self.all {
            if rest < cause.weight {
                return cause;
            }
            rest -= cause.weight;
        }
        self.all.first().unwrap_or(&self.none)
    }
}
