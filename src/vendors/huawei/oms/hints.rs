//! Hints for violations of a member of a body.

use crate::wire::error::{ApiError, Reason, Rule};

/// Adds a hint to an error that has none. The hint shows nothing of what was sent.
pub(crate) fn with_hint(error: ApiError) -> ApiError {
    let Reason::Parameters(violations) = &error.reason else { return error };
    let Some(violation) = violations.first().filter(|_| error.hint.is_none()) else {
        return error;
    };
    let rule = match &violation.rule {
        Rule::Required => "is mandatory here".to_owned(),
        Rule::Text => "is a text".to_owned(),
        Rule::Boolean => "is true or false".to_owned(),
        Rule::List => "is a list".to_owned(),
        Rule::Object => "is an object".to_owned(),
        Rule::Length(max) => format!("has {max} characters at most"),
        _ => return error,
    };
    let hint = format!("{} {rule}", violation.parameter);
    error.hint(hint)
}
