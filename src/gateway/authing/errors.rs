//! The gateway's wording. The vendor publishes status codes and what they mean; its texts
//! are known from its error page and its SDK tests, as far as they are.

use crate::gateway::Exchange;
use crate::wire::header;
use crate::wire::refusal::{Reason, Rule, VendorError, Violation};

pub fn error(exchange: &Exchange<'_>, reason: &Reason) -> VendorError {
    let pick = |zh: &'static str, en: &'static str| if english(exchange) { en } else { zh };
    match reason {
        // Nest's (inferred): the address with its query.
        Reason::UnknownOperation | Reason::WrongMethod => {
            let uri = exchange.request.uri();
            let address = uri.path_and_query().map_or(uri.path(), |address| address.as_str());
            VendorError::new(404, "", format!("Cannot {} {address}", exchange.request.method()))
        }
        // 2020: not logged in, or no permission (vendor's error page); the texts are ours.
        Reason::Credentials(_) => VendorError::new(
            401,
            "2020",
            pick("尚未登录，无访问权限", "Unauthorized, please log in first"),
        ),
        Reason::Parameters(violations) => {
            let messages: Vec<String> = violations.iter().map(validator_message).collect();
            VendorError::new(400, "", messages.join(","))
        }
        Reason::Undecodable | Reason::UnknownFormat | Reason::UnknownVersion => {
            VendorError::new(400, "", pick("参数格式错误", "Bad Request"))
        }
        // The Chinese texts are the vendor's (SDK tests), the English ones ours.
        Reason::Unknown { .. } => {
            VendorError::new(404, "", pick("资源不存在", "resource not exists"))
        }
        Reason::Throttled(_) | Reason::Asked(_) | Reason::Internal => {
            VendorError::new(500, "", pick("未知错误", "Internal Server Error"))
        }
    }
}

/// `zh-CN` or `en-US`. The SDKs' default is Chinese; python sends the header empty then
/// (captured).
fn english(exchange: &Exchange<'_>) -> bool {
    header(exchange.request, "x-authing-lang")
        .is_some_and(|lang| lang.to_ascii_lowercase().starts_with("en"))
}

/// The English of class-validator, in which the sync endpoints complain whatever the
/// language (vendor's SDK tests).
fn validator_message(violation: &Violation) -> String {
    let name = &violation.parameter;
    match &violation.rule {
        Rule::Required => format!("{name} should not be empty"),
        Rule::Text => format!("{name} must be a string"),
        Rule::Number => {
            format!("{name} must be a number conforming to the specified constraints")
        }
        Rule::WholeNumber => format!("{name} must be an integer number"),
        Rule::AtLeast(bound) => format!("{name} must not be less than {bound}"),
        Rule::AtMost(bound) => format!("{name} must not be greater than {bound}"),
        Rule::Length(most) => format!("{name} must be shorter than or equal to {most} characters"),
        Rule::OneOf(values) => {
            format!("{name} must be one of the following values: {}", values.join(", "))
        }
        Rule::Ascii | Rule::JsonArrayOfText | Rule::Token | Rule::NotBefore(_) => {
            format!("{name} is invalid")
        }
    }
}

/// The gateway's own errors.
pub static CATALOGUE: &[crate::wire::refusal::CatalogueEntry] = &[];
