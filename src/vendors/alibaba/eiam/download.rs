//! GenerateDownloadUrlForSynchronizationJob, and the file at the URL.
//!
//! The vendor's URL leads to a CSV file in its object storage; the URL of this server leads to a
//! file that this server makes on request. Like a presigned URL of that storage it is valid until
//! an instant, and carries a signature of the file's path and that instant.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Hmac;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use sha1::Sha1;

use super::get::known_job;
use super::job::SynchronizationJob;
use super::parameters::{check_instance, instance_id, job_id};
use super::report;
use super::scenario::EiamPlan;
use super::state::JOB;
use super::{EiamCall, EiamResult, View, render, resource};
use crate::engine::{FILES, File, FileError};
use crate::scenario::access::Secret;
use crate::wire::digest::mac;
use crate::wire::error::ApiError;
use crate::wire::{Arguments, percent_encoded};
use crate::world::time::Timestamp;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GenerateDownloadUrlResponse {
    request_id: String,
    file_download_url: String,
}

/// Inferred: the job must have ended.
pub(crate) fn generate_download_url_for_synchronization_job(call: &EiamCall<'_>) -> EiamResult {
    let view = call.view();
    let instance_id = instance_id(call)?;
    let id = job_id(call)?;
    check_instance(call, instance_id)?;
    let (_, job) = known_job(&view, id)?;
    if job.result.is_none() && !view.plan.quirks.download_unfinished_jobs {
        let ended: Vec<&str> = JOB.paths.iter().map(|path| JOB.name(path.terminal)).collect();
        return Err(ApiError::wrong_state(resource::JOB, id, job.status, &ended));
    }
    let expires = view.now.plus(view.plan.quirks.download_url_lasts.0).seconds();
    let response = GenerateDownloadUrlResponse {
        request_id: call.request_id(),
        file_download_url: format!(
            "http://{}{FILES}{}?Expires={expires}&Signature={}",
            call.context().host(),
            file_path(view.plan, &job),
            signature(view.plan, id, expires)
        ),
    };
    render(call, "", &response)
}

const PREFIX: &str = "eiam_synchronization_job_";
const SUFFIX: &str = ".csv";

/// Below [`FILES`]: `<instance>/tmp/<file>`, as the vendor's.
fn file_path(plan: &EiamPlan, job: &SynchronizationJob) -> String {
    let id = percent_encoded(&job.synchronization_job_id);
    format!("{}/tmp/{PREFIX}{id}{SUFFIX}", percent_encoded(&plan.instance_id))
}

fn signature(plan: &EiamPlan, job_id: &str, expires: i64) -> String {
    let text = format!("GET\n{}\n{job_id}\n{expires}", plan.instance_id);
    URL_SAFE_NO_PAD.encode(mac::<Hmac<Sha1>>(&plan.seal_key.to_be_bytes(), text.as_bytes()))
}

/// The file at a path below [`FILES`], at the view's instant; None if it is the path of no job's
/// file.
pub(crate) fn file(
    view: &View<'_>,
    path: &str,
    query: &Arguments<'_>,
) -> Option<Result<File, FileError>> {
    let id = job_of_path(view.plan, path)?;
    Some(report_file(view, &id, query))
}

/// # Errors
/// If no server with the same scenario gave out the URL, or it is not valid now.
fn report_file(view: &View<'_>, id: &str, query: &Arguments<'_>) -> Result<File, FileError> {
    let (plan, now) = (view.plan, view.now);
    let expires =
        query.text("Expires").and_then(|text| text.parse().ok()).ok_or(FileError::Forged)?;
    let sent = query.text("Signature").ok_or(FileError::Forged)?;
    if !Secret::new(signature(plan, id, expires)).is(sent) {
        return Err(FileError::Forged);
    }
    if now > Timestamp::from_millis(expires.saturating_mul(1_000)) {
        return Err(FileError::Expired("eiam.quirks.download_url_lasts"));
    }
    let (member, job) = known_job(view, id).map_err(|_| FileError::NotFound)?;
    let visible = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    Ok(File {
        name: format!("{PREFIX}{}{SUFFIX}", id.chars().map(visible).collect::<String>()),
        content_type: "text/csv; charset=utf-8",
        bytes: report::csv(plan, member, &job),
    })
}

/// The id of the job whose file has the path.
fn job_of_path(plan: &EiamPlan, path: &str) -> Option<String> {
    let decode = |text| percent_decode_str(text).decode_utf8().ok().map(String::from);
    let mut parts = path.split('/');
    let (instance_id, folder, name) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || folder != "tmp" || decode(instance_id)? != plan.instance_id {
        return None;
    }
    decode(name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?)
}
