//! The parameters of a request (query, form and path), decoded, in the order sent.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use percent_encoding::percent_decode;

use super::error::{ApiError, Rule};
use super::{Request, header};

/// The most parameters of a request: no client has a use for more, each takes many times its own
/// bytes, and some are looked for among all.
pub(crate) const MAX_PARAMETERS: usize = 20_000;

#[derive(Clone, Debug, Default)]
pub(crate) struct Arguments<'r> {
    /// Borrowed from the request, where nothing had to be decoded.
    pairs: Vec<(Cow<'r, str>, Cow<'r, str>)>,
    /// Some of them were not UTF-8 once decoded, and are left out.
    pub(crate) undecodable: bool,
    /// There were more than [`MAX_PARAMETERS`], and the others are left out.
    pub(crate) too_many: bool,
}

impl<'r> Arguments<'r> {
    /// The query, then the body if it is a form. `+` is a space in both (the SDKs send it so).
    pub(crate) fn of(request: &'r Request) -> Self {
        let mut arguments = Self::default();
        arguments.decode(request.uri().query().unwrap_or("").as_bytes());
        let form = header(request, "content-type").is_some_and(|t| {
            t.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded")
        });
        if form {
            arguments.decode(request.body());
        }
        arguments
    }

    fn decode(&mut self, encoded: &'r [u8]) {
        for pair in encoded.split(|&b| b == b'&').filter(|pair| !pair.is_empty()) {
            if self.pairs.len() >= MAX_PARAMETERS {
                self.too_many = true;
                return;
            }
            let (name, value) = match pair.iter().position(|&b| b == b'=') {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &[][..]),
            };
            match (decode(name), decode(value)) {
                (Some(name), Some(value)) => self.pairs.push((name, value)),
                _ => self.undecodable = true,
            }
        }
    }

    pub(crate) fn push(&mut self, name: impl Into<Cow<'r, str>>, value: impl Into<Cow<'r, str>>) {
        self.pairs.push((name.into(), value.into()));
    }

    /// Appends all of the others.
    pub(crate) fn append(&mut self, others: &Self) {
        self.pairs.extend_from_slice(&others.pairs);
    }

    /// The first value sent under the name, even an empty one.
    pub(crate) fn sent(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_ref())
    }

    /// The first value under the name; an empty one counts as not sent.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.sent(name).filter(|value| !value.is_empty())
    }

    /// A whole number within bounds, if it was sent.
    pub(crate) fn whole(
        &self,
        name: &'static str,
        bounds: RangeInclusive<i64>,
    ) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let rule = match text.parse() {
            Err(_) => Rule::WholeNumber,
            Ok(number) if number < *bounds.start() => Rule::AtLeast(*bounds.start()),
            Ok(number) if number > *bounds.end() => Rule::AtMost(*bounds.end()),
            Ok(number) => return Ok(Some(number)),
        };
        let hint = match (*bounds.start(), *bounds.end()) {
            (i64::MIN, i64::MAX) => format!("{name} is a whole number"),
            (least, i64::MAX) => format!("{name} is a whole number, {least} or more"),
            (least, most) => format!("{name} is a whole number from {least} to {most}"),
        };
        Err(ApiError::parameter(name, rule).hint(hint))
    }

    /// One of the values, if it was sent.
    pub(crate) fn one_of(
        &self,
        name: &'static str,
        values: &'static [&'static str],
    ) -> Result<Option<&str>, ApiError> {
        match self.text(name) {
            Some(value) if !values.contains(&value) => {
                Err(ApiError::parameter(name, Rule::OneOf(values))
                    .hint(format!("{name} is one of {}", values.join(", "))))
            }
            value => Ok(value),
        }
    }

    /// A "flat" list: `Name.1=a&Name.2=b`, in the order of its numbers, which need not be
    /// contiguous.
    pub(crate) fn list(&self, name: &str) -> Vec<&str> {
        let mut items: Vec<(u32, &str)> = self
            .pairs
            .iter()
            .filter_map(|(n, value)| {
                let number = n.strip_prefix(name)?.strip_prefix('.')?.parse().ok()?;
                Some((number, value.as_ref()))
            })
            .collect();
        items.sort_by_key(|&(number, _)| number);
        items.into_iter().map(|(_, value)| value).collect()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }
}

fn decode(encoded: &[u8]) -> Option<Cow<'_, str>> {
    if !encoded.contains(&b'+') {
        return percent_decode(encoded).decode_utf8().ok();
    }
    let spaced: Vec<u8> = encoded.iter().map(|&b| if b == b'+' { b' ' } else { b }).collect();
    percent_decode(&spaced).decode_utf8().ok().map(|text| Cow::Owned(text.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn asked(uri: &str, form: Option<&str>) -> Request {
        let mut request = http::Request::builder().uri(uri);
        if form.is_some() {
            request = request.header("Content-Type", "application/x-www-form-urlencoded");
        }
        let body = Bytes::from(form.unwrap_or("").to_owned());
        request.body(body).expect("a request")
    }

    #[test]
    fn query_and_form_are_merged_and_decoded() {
        let request = asked("/?a=1+2&b=%C3%A9&empty=&bare", Some("c=x%2By&a=later"));
        let a = Arguments::of(&request);
        assert_eq!(a.sent("a"), Some("1 2"));
        assert_eq!(a.text("b"), Some("é"));
        assert_eq!((a.sent("empty"), a.text("empty")), (Some(""), None));
        assert_eq!(a.sent("bare"), Some(""));
        assert_eq!(a.text("c"), Some("x+y"));
    }

    #[test]
    fn numbers_and_choices_are_held_to_their_bounds() {
        let request = asked("/?n=7&big=99999999999999999999&text=x&none=", None);
        let a = Arguments::of(&request);
        assert_eq!(a.whole("n", 1..=10), Ok(Some(7)));
        assert_eq!(a.whole("none", 1..=10), Ok(None));
        assert_eq!(
            a.whole("n", 1..=6).unwrap_err(),
            ApiError::parameter("n", Rule::AtMost(6)).hint("n is a whole number from 1 to 6")
        );
        assert!(a.whole("n", 8..=i64::MAX).is_err());
        assert!(a.whole("big", 1..=i64::MAX).is_err());
        assert_eq!(a.one_of("text", &["x", "y"]), Ok(Some("x")));
        assert!(a.one_of("text", &["y"]).is_err());
    }

    #[test]
    fn flat_lists_are_ordered_by_number_not_by_text() {
        let request = asked("/?T.10=j&T.2=b&T.1=a&T.x=no&Tx.1=no", None);
        let a = Arguments::of(&request);
        assert_eq!(a.list("T"), ["a", "b", "j"]);
    }

    #[test]
    fn of_too_many_parameters_the_last_are_left_out_and_it_is_said() {
        let form = |count| "a&".repeat(count);
        let a = asked("/?x=1", Some(&form(MAX_PARAMETERS - 1)));
        assert!(!Arguments::of(&a).too_many);
        let a = asked("/?x=1", Some(&form(MAX_PARAMETERS)));
        let a = Arguments::of(&a);
        assert_eq!((a.too_many, a.iter().count()), (true, MAX_PARAMETERS));
    }

    #[test]
    fn bytes_that_are_not_text_are_left_out_and_reported() {
        let request = asked("/?a=%FF&b=1", None);
        let a = Arguments::of(&request);
        assert_eq!((a.sent("a"), a.sent("b"), a.undecodable), (None, Some("1"), true));
        assert_eq!(Arguments::of(&asked("/?a=%zz", None)).sent("a"), Some("%zz"));
    }
}
