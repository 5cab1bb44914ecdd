//! Answers as bytes. One serde value serves both formats: in XML a list is its element,
//! repeated.

use http::{HeaderName, HeaderValue};
use serde::Serialize;

use super::error::{ApiError, Reason};
use super::json::to_vec;
use super::xml::write;

/// Initial capacity of an answer (bytes); larger answers grow it.
const DEFAULT_CAPACITY: usize = 4 << 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Xml,
}

/// The answer to a successful request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Payload {
    pub(crate) status: u16,
    /// Beyond those that the gateway sets.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Vec<u8>,
}

/// Compact, keys in the order of the fields.
pub(crate) fn json(value: &impl Serialize) -> Result<Vec<u8>, ApiError> {
    to_vec(value).map_err(|_| Reason::Internal.into())
}

/// With the declaration as Alibaba's gateway spells it (single quotes, no newline after it).
pub(crate) fn xml(root: &str, value: &impl Serialize) -> Result<Vec<u8>, ApiError> {
    let mut out = Vec::with_capacity(DEFAULT_CAPACITY);
    out.extend_from_slice(b"<?xml version='1.0' encoding='UTF-8'?>");
    write(&mut out, root, value).map_err(|_| ApiError::from(Reason::Internal))?;
    // Characters that no XML 1.0 document may hold, even escaped, can come in with the text
    // of a scenario. Looks at all bytes, so that it can look at many at a time.
    if out.iter().fold(false, |any, &byte| any | (byte < b' ')) {
        out.retain(|&byte| byte >= b' ' || matches!(byte, b'\t' | b'\n' | b'\r'));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Answer<'a> {
        #[serde(rename = "Name")]
        name: &'a str,
        #[serde(rename = "Rows")]
        rows: Vec<Row>,
        #[serde(rename = "Note", skip_serializing_if = "Option::is_none")]
        note: Option<&'a str>,
    }

    #[derive(Serialize)]
    struct Row {
        #[serde(rename = "N")]
        n: u64,
    }

    #[test]
    fn lists_repeat_their_element_and_absent_values_leave_none() {
        let rows = vec![Row { n: 1 }, Row { n: 2 }];
        let bytes = xml("R", &Answer { name: "a<b&\u{1}", rows, note: None }).unwrap();
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "<?xml version='1.0' encoding='UTF-8'?><R><Name>a&lt;b&amp;</Name>\
             <Rows><N>1</N></Rows><Rows><N>2</N></Rows></R>"
        );
        let bytes = xml("R", &Answer { name: "", rows: vec![], note: None }).unwrap();
        assert!(bytes.ends_with(b"<R><Name/></R>"));
    }
}
