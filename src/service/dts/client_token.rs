//! `ClientToken`: for reads it changes nothing, but its form may be looked at.

use super::quirks::Quirks;
use crate::wire::Arguments;
use crate::wire::refusal::{Refusal, Rule};

pub const NAME: &str = "ClientToken";
/// Vendor's page.
const LONGEST: usize = 64;

pub fn check(quirks: &Quirks, arguments: &Arguments) -> Result<(), Refusal> {
    let Some(token) = arguments.text(NAME).filter(|_| quirks.client_token.looked_at()) else {
        return Ok(());
    };
    let rule = if !token.is_ascii() {
        Rule::Ascii
    } else if token.len() > LONGEST {
        Rule::Length(LONGEST)
    } else {
        return Ok(());
    };
    let hint = format!("{NAME} has at most {LONGEST} characters, all of them ASCII");
    Err(Refusal::parameter(NAME, rule).hint(hint))
}
