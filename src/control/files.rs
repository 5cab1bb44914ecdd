//! Files that services' answers lead to. Their URLs carry all that is needed to be let in.

use http::{HeaderValue, Method, StatusCode, header};

use super::{Control, Problem};
use crate::gateway::header_value;
use crate::service::eiam::View;
use crate::service::eiam::download::{FILES, File, NoFile, file};
use crate::wire::{Arguments, Reply, Request};

/// The part of a path below that of all files.
pub fn path(request: &Request) -> Option<&str> {
    request.uri().path().strip_prefix(FILES)
}

pub fn show(control: &Control, request: &Request, path: &str) -> Result<Reply, Problem> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let detail = format!("files are not called with {}", request.method());
        let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail);
        return Err(Problem { allow: Some("GET, HEAD".into()), ..problem });
    }
    let (plan, now) = (&control.plan, control.clock.now());
    let changes = control.past.journal().changes(plan, now);
    let view = View { plan: &plan.eiam, changes: &changes.eiam, now };
    file(&view, path, &Arguments::of(request)).map(attached).map_err(Problem::from)
}

fn attached(File { name, content_type, bytes }: File) -> Reply {
    let mut reply = Reply::new(bytes.into());
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    let disposition = format!("attachment; filename=\"{name}\"");
    headers.insert(header::CONTENT_DISPOSITION, header_value(&disposition));
    reply
}

impl From<NoFile> for Problem {
    fn from(reason: NoFile) -> Self {
        match reason {
            NoFile::Forged => Self::new(StatusCode::FORBIDDEN, "the signature of the URL is wrong")
                .hint("ask for a URL again, and use it as it is"),
            NoFile::Expired => Self::new(StatusCode::FORBIDDEN, "the URL has expired").hint(
                "ask for another one; eiam.quirks.download_url_lasts says how long it is good",
            ),
            NoFile::Unknown => Self::new(StatusCode::NOT_FOUND, "there is no such file"),
        }
    }
}
