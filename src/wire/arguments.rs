//! What a request passes: query, form and path parameters, decoded, in the order sent.

use std::borrow::Cow;

use percent_encoding::percent_decode;

use super::{Request, header};

/// Some of the request is not UTF-8 once its percent escapes are decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undecodable;

#[derive(Clone, Debug, Default)]
pub struct Arguments(Vec<(String, String)>);

impl Arguments {
    /// The query, then the body if it is a form. `+` is a space in both (the SDKs send it so).
    pub fn of(request: &Request) -> Result<Self, Undecodable> {
        let mut arguments = Self::default();
        arguments.decode(request.uri().query().unwrap_or("").as_bytes())?;
        let form = header(request, "content-type").is_some_and(|t| {
            t.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded")
        });
        if form {
            arguments.decode(request.body())?;
        }
        Ok(arguments)
    }

    fn decode(&mut self, encoded: &[u8]) -> Result<(), Undecodable> {
        for pair in encoded.split(|&b| b == b'&').filter(|pair| !pair.is_empty()) {
            let (name, value) = match pair.iter().position(|&b| b == b'=') {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &[][..]),
            };
            self.0.push((decode(name)?, decode(value)?));
        }
        Ok(())
    }

    pub fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// The first value sent under the name, even an empty one.
    pub fn sent(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The first value under the name; an empty one counts as not sent.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.sent(name).filter(|value| !value.is_empty())
    }

    /// A "flat" list: `Name.1=a&Name.2=b`, in the order of its numbers, which need not be
    /// contiguous.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let mut items: Vec<(u32, &str)> = self
            .0
            .iter()
            .filter_map(|(n, value)| {
                let number = n.strip_prefix(name)?.strip_prefix('.')?.parse().ok()?;
                Some((number, value.as_str()))
            })
            .collect();
        items.sort_by_key(|&(number, _)| number);
        items.into_iter().map(|(_, value)| value).collect()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

fn decode(encoded: &[u8]) -> Result<String, Undecodable> {
    let spaced: Cow<'_, [u8]> = if encoded.contains(&b'+') {
        encoded.iter().map(|&b| if b == b'+' { b' ' } else { b }).collect()
    } else {
        encoded.into()
    };
    percent_decode(&spaced).decode_utf8().map(Cow::into_owned).map_err(|_| Undecodable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn arguments(uri: &str, form: Option<&str>) -> Result<Arguments, Undecodable> {
        let mut request = http::Request::builder().uri(uri);
        if form.is_some() {
            request = request.header("Content-Type", "application/x-www-form-urlencoded");
        }
        let body = Bytes::from(form.unwrap_or("").to_owned());
        Arguments::of(&request.body(body).expect("a request"))
    }

    #[test]
    fn query_and_form_are_merged_and_decoded() {
        let a = arguments("/?a=1+2&b=%C3%A9&empty=&bare", Some("c=x%2By&a=later")).unwrap();
        assert_eq!(a.sent("a"), Some("1 2"));
        assert_eq!(a.text("b"), Some("é"));
        assert_eq!((a.sent("empty"), a.text("empty")), (Some(""), None));
        assert_eq!(a.sent("bare"), Some(""));
        assert_eq!(a.text("c"), Some("x+y"));
    }

    #[test]
    fn flat_lists_are_ordered_by_number_not_by_text() {
        let a = arguments("/?T.10=j&T.2=b&T.1=a&T.x=no&Tx.1=no", None).unwrap();
        assert_eq!(a.list("T"), ["a", "b", "j"]);
    }

    #[test]
    fn bytes_that_are_not_text_are_refused() {
        assert_eq!(arguments("/?a=%FF", None).unwrap_err(), Undecodable);
        assert_eq!(arguments("/?a=%zz", None).unwrap().sent("a"), Some("%zz"));
    }
}
