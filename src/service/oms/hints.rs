//! What would have been right, for who got a member of a body wrong.

use crate::wire::refusal::{Reason, Refusal, Rule};

/// The refusal with a hint, if it has none yet. It tells nothing of what was sent.
pub fn hinted(refusal: Refusal) -> Refusal {
    let Reason::Parameters(violations) = &refusal.reason else { return refusal };
    let Some(violation) = violations.first().filter(|_| refusal.hint.is_none()) else {
        return refusal;
    };
    let rule = match &violation.rule {
        Rule::Required => "is mandatory here".to_owned(),
        Rule::Text => "is a text".to_owned(),
        Rule::Boolean => "is true or false".to_owned(),
        Rule::List => "is a list".to_owned(),
        Rule::Object => "is an object".to_owned(),
        Rule::Length(most) => format!("has {most} characters at most"),
        _ => return refusal,
    };
    let hint = format!("{} {rule}", violation.parameter);
    refusal.hint(hint)
}
