//! GenerateDownloadUrlForSynchronizationJob, and what is at the URL.
//!
//! The vendor's URL leads to a CSV file in its object storage, the URL of this server to one
//! that this server makes when it is asked for. Like a presigned URL of that storage it holds
//! until an instant, and carries a signature of what it leads to and until when.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Hmac;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Serialize;
use sha1::Sha1;

use super::View;
use super::get::shown;
use super::job::Job;
use super::parameters::{instance, job_id, known};
use super::render;
use super::report;
use super::scenario::Plan;
use super::state::JOB;
use crate::gateway::Admitted;
use crate::gateway::mac::mac;
use crate::plan::Secret;
use crate::service::Granted;
use crate::wire::Arguments;
use crate::wire::refusal::{Refusal, Thing};
use crate::world::time::Timestamp;

/// Where files are served: no vendor's path begins so.
pub const FILES: &str = "/_syncmock/files/";

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    request_id: String,
    file_download_url: String,
}

/// That a job must have ended is inferred.
pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let view = super::view(call);
    let instance_id = instance(call)?;
    let id = job_id(call)?;
    known(call, instance_id)?;
    let (_, job) = shown(&view, id)?;
    if job.result.is_none() && !view.plan.quirks.download_unfinished_jobs {
        let ended: Vec<&str> = JOB.courses.iter().map(|course| JOB.name(course.rest)).collect();
        return Err(Refusal::wrong_state(Thing::Job, id, job.status, &ended));
    }
    let expires = view.now.plus(view.plan.quirks.download_url_lasts.0).seconds();
    render(
        call,
        "",
        &Answer {
            request_id: call.exchange().alibaba_id(),
            file_download_url: format!(
                "http://{}{FILES}{}?Expires={expires}&Signature={}",
                call.exchange().host(),
                path(view.plan, &job),
                signature(view.plan, id, expires)
            ),
        },
    )
}

/// All but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
const PREFIX: &str = "eiam_synchronization_job_";
const SUFFIX: &str = ".csv";

/// Below [`FILES`]: like the vendor's, `<instance>/tmp/<file>`.
fn path(plan: &Plan, job: &Job) -> String {
    let escape = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
    let id = escape(&job.synchronization_job_id);
    format!("{}/tmp/{PREFIX}{id}{SUFFIX}", escape(&plan.instance_id))
}

fn signature(plan: &Plan, job_id: &str, expires: i64) -> String {
    let text = format!("GET\n{}\n{job_id}\n{expires}", plan.instance_id);
    let seal = mac::<Hmac<Sha1>>(&plan.seal_key.to_be_bytes(), text.as_bytes());
    URL_SAFE_NO_PAD.encode(seal.unwrap_or_default())
}

/// A file that a URL leads to.
#[derive(Debug)]
pub struct File {
    /// Visible ASCII without quotes.
    pub name: String,
    pub content_type: &'static str,
    pub bytes: Vec<u8>,
}

/// Why a URL leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoFile {
    /// Its signature is not of this path and instant.
    Forged,
    /// Its time is over.
    Expired,
    /// There is no such job (any more: the clock was turned back, or the journal emptied).
    Unknown,
}

/// The file at a path below [`FILES`], at the view's instant.
///
/// # Errors
/// If the URL is none that this server, or one of the same scenario, gave out, or not good
/// now.
pub fn file(view: &View<'_>, path: &str, query: &Arguments) -> Result<File, NoFile> {
    let (plan, now) = (view.plan, view.now);
    let id = job_of(plan, path).ok_or(NoFile::Unknown)?;
    let expires = query.text("Expires").and_then(|text| text.parse().ok()).ok_or(NoFile::Forged)?;
    let sent = query.text("Signature").ok_or(NoFile::Forged)?;
    if !Secret::new(signature(plan, &id, expires)).is(sent) {
        return Err(NoFile::Forged);
    }
    if now > Timestamp::from_millis(expires.saturating_mul(1_000)) {
        return Err(NoFile::Expired);
    }
    let (member, job) = shown(view, &id).map_err(|_| NoFile::Unknown)?;
    let visible = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    Ok(File {
        name: format!("{PREFIX}{}{SUFFIX}", id.chars().map(visible).collect::<String>()),
        content_type: "text/csv; charset=utf-8",
        bytes: report::csv(plan, member, &job),
    })
}

/// The id of the job whose file the path names.
fn job_of(plan: &Plan, path: &str) -> Option<String> {
    let decode = |text| percent_decode_str(text).decode_utf8().ok().map(String::from);
    let mut parts = path.split('/');
    let (instance_id, folder, name) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || folder != "tmp" || decode(instance_id)? != plan.instance_id {
        return None;
    }
    decode(name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?)
}
