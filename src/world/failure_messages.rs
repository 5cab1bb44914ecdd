//! The messages of failed entities.

use super::draw::scale;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FailureMessage {
    pub(crate) code: String,
    pub(crate) message: String,
    /// Its weight against the others.
    pub(crate) weight: u64,
}

/// Pick one by a draw; an empty list has an empty cause.
#[derive(Clone, Debug)]
pub(crate) struct FailureMessages {
    all: Vec<FailureMessage>,
    none: FailureMessage,
}

impl FailureMessages {
    pub(crate) fn new(all: Vec<FailureMessage>) -> Self {
        Self {
            all,
            none: FailureMessage { code: String::new(), message: String::new(), weight: 0 },
        }
    }

    pub(crate) fn pick(&self, draw: u64) -> &FailureMessage {
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
