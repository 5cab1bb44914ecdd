//! Which page a request asks for, as far as its parameters say.

use crate::wire::Arguments;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// From 1.
    Number(u64),
    /// Any but the first: a token does not say which.
    Later,
}

/// Parameters that number pages from 1.
const NUMBERS: [&str; 3] = ["PageNumber", "PageNum", "page"];
/// What an offset is divided by if the request does not say.
const USUAL_LIMIT: u64 = 10;

impl Page {
    pub fn of(arguments: &Arguments) -> Self {
        let number = |name: &str| arguments.text(name).and_then(|text| text.parse::<u64>().ok());
        if arguments.text("NextToken").is_some() {
            return Self::Later;
        }
        if let Some(page) = NUMBERS.iter().find_map(|name| number(name)) {
            return Self::Number(page);
        }
        let limit = number("limit").unwrap_or(USUAL_LIMIT).max(1);
        Self::Number(number("offset").unwrap_or(0) / limit + 1)
    }

    pub fn includes(self, asked: Self) -> bool {
        match (self, asked) {
            (Self::Later, Self::Later) => true,
            (Self::Later, Self::Number(number)) => number > 1,
            (Self::Number(wanted), Self::Number(number)) => wanted == number,
            (Self::Number(_), Self::Later) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn page(query: &str) -> Page {
        let request = http::Request::get(format!("/?{query}")).body(Bytes::new());
        Page::of(&Arguments::of(&request.expect("a request")))
    }

    #[test]
    fn a_page_is_a_number_an_offset_or_what_a_token_leads_to() {
        assert_eq!(page(""), Page::Number(1));
        assert_eq!(page("PageNumber=3&PageSize=7"), Page::Number(3));
        assert_eq!(page("page=2"), Page::Number(2));
        assert_eq!(page("offset=40&limit=20"), Page::Number(3));
        assert_eq!(page("offset=10"), Page::Number(2));
        assert_eq!(page("NextToken=x&PageNumber=1"), Page::Later);
        assert_eq!(page("offset=5&limit=0"), Page::Number(6));
        assert!(Page::Later.includes(Page::Number(2)) && !Page::Later.includes(Page::Number(1)));
        assert!(!Page::Number(2).includes(Page::Later));
    }
}
