//! The `Host` header of a request (RFC 9112, 3.2).

use http::uri::Authority;
use http::{HeaderMap, Version, header};

use crate::wire::Problem;

/// # Errors
/// If there is not exactly one (HTTP/1.0 needs none), or if it is not a host with or without a
/// port.
pub(crate) fn check(version: Version, headers: &HeaderMap) -> Result<(), Problem> {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) if version < Version::HTTP_11 => Ok(()),
        (None, _) => Err(Problem::bad("the request has no Host header")
            .hint("HTTP/1.1 requires one: Host: 127.0.0.1:PORT")),
        (Some(_), Some(_)) => Err(Problem::bad("the request has more than one Host header")),
        (Some(host), None) if host.to_str().is_ok_and(is_well_formed) => Ok(()),
        (Some(_), None) => {
            Err(Problem::bad("the Host header is not a host with or without a port")
                .hint("it is like 127.0.0.1:4740, without a scheme, a user or a path"))
        }
    }
}

fn is_well_formed(host: &str) -> bool {
    if host.is_empty() {
        return true;
    }
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let port = host.strip_prefix(authority.host()).unwrap_or("@");
    // The grammar lets a port be empty.
    port.is_empty() || port == ":" || authority.port_u16().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(version: Version, hosts: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(header::HOST, host.parse().expect("a value"));
        }
        check(version, &headers).is_err()
    }

    #[test]
    fn one_well_formed_host_is_needed() {
        for host in
            ["localhost", "my_host:80", "127.0.0.1:1", "[::1]:4740", "[::1]", "", "x:", "a.b."]
        {
            assert!(!is_refused(Version::HTTP_11, &[host]), "{host}");
        }
        for host in
            ["a b", "user@host", "http://host", "host/path", "host:port", "host:99999", "[::1"]
        {
            assert!(is_refused(Version::HTTP_11, &[host]), "{host}");
        }
        assert!(is_refused(Version::HTTP_11, &[]) && !is_refused(Version::HTTP_10, &[]));
        assert!(is_refused(Version::HTTP_11, &["a", "a"]));
        assert!(is_refused(Version::HTTP_10, &["a", "b"]));
    }
}
