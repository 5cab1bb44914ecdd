//! Answers whose bytes arrive corrupted.

use http::{HeaderValue, StatusCode, header};

use crate::wire::Reply;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Corruption {
    /// The document ends half-way, though HTTP's length of it is right.
    Half,
    /// The last end tag is not that of the root.
    EndTag,
    /// A byte in the middle that no UTF-8 has.
    Utf8,
    /// The body is unchanged, the header is `text/plain`.
    ContentType,
    /// No body.
    Empty,
    /// A proxy's error page, as when its upstream is down.
    BadGateway,
}

const HTML: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

impl Corruption {
    pub(crate) fn apply(self, reply: Reply) -> Reply {
        let (mut head, body) = reply.into_parts();
        let body: Vec<u8> = match self {
            Self::Half => body[..body.len() / 2].to_vec(),
            Self::EndTag => match body.windows(2).rposition(|pair| pair == b"</") {
                Some(at) => [&body[..at + 2], b"x", &body[at + 2..]].concat(),
                None => body[..body.len() / 2].to_vec(),
            },
            Self::Utf8 => {
                let middle = body.len() / 2;
                [&body[..middle], &[0xff], &body[middle..]].concat()
            }
            Self::ContentType => {
                head.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
                body.to_vec()
            }
            Self::Empty => Vec::new(),
            Self::BadGateway => {
                head.status = StatusCode::BAD_GATEWAY;
                // A proxy knows nothing of the vendor's headers.
                let date = head.headers.remove(header::DATE);
                head.headers.clear();
                head.headers.extend(date.map(|date| (header::DATE, date)));
                head.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
                HTML.into()
            }
        };
        Reply::from_parts(head, body.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn garbled(garble: Corruption, body: &'static str) -> Reply {
        let mut reply = Reply::new(body.into());
        reply.headers_mut().insert("x-request-id", HeaderValue::from_static("1"));
        reply.headers_mut().insert(header::DATE, HeaderValue::from_static("today"));
        garble.apply(reply)
    }

    #[test]
    fn each_kind_breaks_what_it_says_and_nothing_else() {
        let body = r#"{"a":"bcd"}"#;
        assert_eq!(garbled(Corruption::Half, body).body(), r#"{"a":"#);
        assert_eq!(garbled(Corruption::EndTag, "<R><a>1</a></R>").body(), "<R><a>1</a></xR>");
        assert_eq!(garbled(Corruption::EndTag, body).body(), r#"{"a":"#);
        let utf8 = garbled(Corruption::Utf8, body);
        assert!(std::str::from_utf8(utf8.body()).is_err() && utf8.body().len() == body.len() + 1);
        let typed = garbled(Corruption::ContentType, body);
        assert_eq!(
            (&typed.headers()["content-type"], &typed.body()[..]),
            (&HeaderValue::from_static("text/plain"), body.as_bytes())
        );
        assert!(garbled(Corruption::Empty, body).body().is_empty());
        let proxy = garbled(Corruption::BadGateway, body);
        assert_eq!(proxy.status(), 502);
        assert!(
            !proxy.headers().contains_key("x-request-id") && proxy.headers().contains_key("date")
        );
    }
}
