//! The form of `ClientToken`. Reads take one, too, but it has no effect on them.

use super::quirks::Quirks;
use crate::wire::Arguments;
use crate::wire::error::{ApiError, Rule};

pub(crate) const NAME: &str = "ClientToken";
/// Vendor's page.
const MAX_LENGTH: usize = 64;

pub(crate) fn check(quirks: &Quirks, arguments: &Arguments<'_>) -> Result<(), ApiError> {
    let Some(token) = arguments.text(NAME).filter(|_| quirks.client_token.is_checked()) else {
        return Ok(());
    };
    let rule = if !token.is_ascii() {
        Rule::Ascii
    } else if token.len() > MAX_LENGTH {
        Rule::Length(MAX_LENGTH)
    } else {
        return Ok(());
    };
    let hint = format!("{NAME} has at most {MAX_LENGTH} characters, all of them ASCII");
    Err(ApiError::parameter(NAME, rule).hint(hint))
}
