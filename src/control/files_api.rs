//! Files that vendors' answers link to: each service serves its own.

use http::{HeaderValue, Method, StatusCode, header};

use super::Control;
use crate::engine::{FILES, File, FileError};
use crate::wire::{Arguments, Problem, Reply, Request, header_value};

/// The part of a path below that of all files.
pub(crate) fn path(path: &str) -> Option<&str> {
    path.strip_prefix(FILES)
}

pub(crate) fn show(control: &Control, request: &Request, path: &str) -> Result<Reply, Problem> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let detail = format!("files are not called with {}", request.method());
        let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail);
        return Err(Problem { allow: Some("GET, HEAD".into()), ..problem });
    }
    let (plan, now) = (&control.plan, control.clock.now());
    let projections = control.state.event_log().projections(plan, now);
    let query = Arguments::of(request);
    let mut services = plan.registry.services();
    let found =
        services.find_map(|found| found.service.file(plan, &projections, now, path, &query));
    found.unwrap_or(Err(FileError::NotFound)).map(attached).map_err(Problem::from)
}

fn attached(File { name, content_type, bytes }: File) -> Reply {
    let mut reply = Reply::new(bytes.into());
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    let disposition = format!("attachment; filename=\"{name}\"");
    headers.insert(header::CONTENT_DISPOSITION, header_value(&disposition));
    reply
}

impl From<FileError> for Problem {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Forged => {
                Self::new(StatusCode::FORBIDDEN, "the signature of the URL is wrong")
                    .hint("ask for a URL again, and use it as it is")
            }
            FileError::Expired(key) => Self::new(StatusCode::FORBIDDEN, "the URL has expired")
                .hint(format!("ask for another one; {key} says how long it is good")),
            FileError::NotFound => Self::new(StatusCode::NOT_FOUND, "there is no such file"),
        }
    }
}
