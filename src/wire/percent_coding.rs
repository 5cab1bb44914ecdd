//! Percent-encoding as all the vendors' signatures and SDKs have it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Encodes everything but the unreserved characters of RFC 3986.
pub(crate) const UNRESERVED_ONLY: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The text with everything but the unreserved characters of RFC 3986 encoded.
pub(crate) fn percent_encoded(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED_ONLY).to_string()
}
