//! Who may use the control API. A web page of another origin may not, whatever it sends: the
//! browser runs on the developer's machine and reaches loopback. On an address that other
//! machines reach, a caller needs the control token.

use std::net::{IpAddr, Ipv6Addr};

use http::{HeaderMap, StatusCode, header};

use crate::scenario::access::Secret;
use crate::wire::{Problem, header_in};

/// What a server's control API accepts beyond its own address.
#[derive(Clone, Debug, Default)]
pub(crate) struct ControlAccess {
    /// Names that `Host` may have beside addresses and `localhost`, without a port.
    pub(crate) allowed_hosts: Vec<String>,
    /// What a caller has to send as `Authorization: Bearer`; None on loopback.
    pub(crate) token: Option<Secret>,
}

impl ControlAccess {
    /// # Errors
    /// 403 if a browser sent the request for a page of another origin, or under a name that may
    /// have been made to point here (DNS rebinding).
    pub(super) fn check_origin(&self, headers: &HeaderMap) -> Result<(), Problem> {
        if let Some(site) = header_in(headers, "sec-fetch-site")
            && !matches!(site, "same-origin" | "none")
        {
            return Err(foreign(&format!("Sec-Fetch-Site is {site}")));
        }
        let host = headers.get(header::HOST).map(|host| host.to_str().unwrap_or("?"));
        if let Some(origin) = headers.get(header::ORIGIN) {
            let origin = origin.to_str().unwrap_or("?");
            let authority = origin.split_once("://").map(|(_, authority)| authority);
            if authority.is_none_or(|authority| host != Some(authority)) {
                return Err(foreign(&format!("Origin is {origin}")));
            }
        }
        // A program may send none, in HTTP/1.0; a browser always sends one.
        match host.map(name_of) {
            Some(name) if !self.is_allowed(name) => {
                let detail = format!("the control API has no name {name}");
                Err(Problem::new(StatusCode::FORBIDDEN, detail).hint(format!(
                    "use an address or localhost, or start the server with --allow-host {name}"
                )))
            }
            _ => Ok(()),
        }
    }

    fn is_allowed(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        name.parse::<IpAddr>().is_ok()
            || name == "localhost"
            || name.ends_with(".localhost")
            || self.allowed_hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(&name))
    }

    /// Whether the request has the token, or needs none.
    pub(super) fn has_token(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.token else { return true };
        let sent = header_in(headers, "authorization").and_then(|a| a.split_once(' '));
        sent.is_some_and(|(scheme, sent)| {
            scheme.eq_ignore_ascii_case("bearer") && token.is(sent.trim())
        })
    }
}

/// 401: the token is missing or wrong.
pub(super) fn token_needed() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "on this address the control API needs its token").hint(
        "send Authorization: Bearer TOKEN, with the token that the start printed or \
         --control-token gave",
    )
}

fn foreign(what: &str) -> Problem {
    let detail = format!("the control API answers no web page of another origin: {what}");
    Problem::new(StatusCode::FORBIDDEN, detail)
        .hint("call it from a program, or from a page of this server")
}

/// The host without its port and without the brackets of an IPv6 address.
fn name_of(host: &str) -> &str {
    let bracketed = host.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let name = match bracketed {
        Some((address, _)) if address.parse::<Ipv6Addr>().is_ok() => address,
        _ => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name.strip_suffix('.').unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(headers: &[(&str, &str)]) -> Result<(), String> {
        let mut sent = HeaderMap::new();
        for (name, value) in headers {
            let name: http::HeaderName = name.parse().expect("a name");
            sent.append(name, value.parse().expect("a value"));
        }
        let access = ControlAccess { allowed_hosts: vec!["Syncmock.test".into()], token: None };
        access.check_origin(&sent).map_err(|problem| problem.detail)
    }

    #[test]
    fn programs_and_pages_of_this_server_are_let_in() {
        for headers in [
            &[][..],
            &[("host", "127.0.0.1:4740")],
            &[("host", "[::1]:4740")],
            &[("host", "[::1]")],
            &[("host", "192.0.2.7")],
            &[("host", "LocalHost:4740")],
            &[("host", "world.localhost:4740")],
            &[("host", "localhost.")],
            &[("host", "syncmock.TEST:80")],
            &[("host", "127.0.0.1:4740"), ("origin", "http://127.0.0.1:4740")],
            &[("host", "[::1]:4740"), ("origin", "http://[::1]:4740")],
            &[("host", "localhost"), ("sec-fetch-site", "same-origin")],
            &[("host", "localhost"), ("sec-fetch-site", "none")],
        ] {
            assert_eq!(outcome(headers), Ok(()), "{headers:?}");
        }
    }

    #[test]
    fn pages_of_other_origins_and_rebound_names_are_not() {
        for headers in [
            &[("host", "127.0.0.1:4740"), ("origin", "http://evil.example")][..],
            &[("host", "127.0.0.1:4740"), ("origin", "null")],
            &[("host", "127.0.0.1:4740"), ("origin", "http://127.0.0.1:80")],
            &[("host", "127.0.0.1:4740"), ("origin", "http://localhost:4740")],
            &[("host", "localhost"), ("sec-fetch-site", "cross-site")],
            &[("host", "localhost"), ("sec-fetch-site", "same-site")],
            &[("host", "rebind.example")],
            &[("host", "127.0.0.1.rebind.example:4740")],
            &[("host", "localhost.rebind.example")],
            &[("host", "notlocalhost")],
            &[("host", "[rebind.example]:4740")],
            &[("host", "")],
            &[("host", "rebind.example"), ("origin", "http://rebind.example")],
        ] {
            assert!(outcome(headers).is_err(), "{headers:?}");
        }
    }

    #[test]
    fn the_token_is_needed_whole_where_there_is_one() {
        let has = |token: Option<&str>, sent: &str| {
            let access = ControlAccess { token: token.map(Secret::new), ..Default::default() };
            let mut headers = HeaderMap::new();
            if !sent.is_empty() {
                headers.insert("authorization", sent.parse().expect("a value"));
            }
            access.has_token(&headers)
        };
        assert!(has(None, "") && has(None, "Bearer x"));
        assert!(has(Some("abc"), "Bearer abc") && has(Some("abc"), "bearer abc"));
        for wrong in ["", "abc", "Bearer", "Bearer ab", "Bearer abcd", "Basic abc"] {
            assert!(!has(Some("abc"), wrong), "{wrong}");
        }
    }
}
