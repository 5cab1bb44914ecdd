//! CreateSyncTask: a new task, which is started at once (python SDK 3.1.219).

use serde::Serialize;

use super::change::Change;
use super::credentials;
use super::errors::BAD_DESCRIPTION;
use super::hints::hinted;
use super::quirks::BadDescription;
use super::settings::{
    AuthenticationType, CloudType, ConsistencyCheck, OverwriteMode, Protocol, Settings, SourceCdn,
    StoragePolicy,
};
use super::subject::is_ours;
use crate::gateway::{Admitted, unknown_project};
use crate::service::Granted;
use crate::wire::refusal::{Refusal, Rule};
use crate::wire::{Object, body};
use crate::world::population::created_index;

#[derive(Serialize)]
struct Answer {
    sync_task_id: String,
}

/// Of the description (vendor's page), and of names that no source gives a bound of.
const LONGEST: usize = 255;
const SPECIAL: &[char] = &['<', '>', '(', ')', '"', '\'', '&'];
/// `transmission` is what go and python SDKs send for what answers call `no_check`, which
/// Terraform's provider sends (docs).
const TRANSMISSION: &str = "transmission";
const CONSISTENCY_CHECKS: &[&str] = &["size_last_modified", "crc64", "no_check", TRANSMISSION];

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let ours = is_ours(call)?;
    let members = body(call.exchange().request)?;
    let bad_description = call.plan().oms.quirks.bad_description;
    let settings = settings(&Object::new(&members), bad_description).map_err(hinted)?;
    if !ours {
        return Err(unknown_project(call, &call.plan().oms.project_id));
    }
    let sync_task_id = call.plan().oms.ids.uuid(created_index(call.number()));
    Ok(call.render(&Answer { sync_task_id })?.changing(Change::Create(Box::new(settings))))
}

/// In the order of the SDK's model; the first slip is the one that is refused.
fn settings(body: &Object<'_>, bad_description: BadDescription) -> Result<Settings, Refusal> {
    let src_cloud_type = body.choice("src_cloud_type", CloudType::NAMES)?;
    let src_cloud_type = src_cloud_type.and_then(CloudType::named).unwrap_or(CloudType::Aliyun);
    let src_region = body.required("src_region", LONGEST)?.to_owned();
    let src_bucket = body.required("src_bucket", LONGEST)?.to_owned();
    credentials::check(body, "src")?;
    credentials::check(body, "dst")?;
    let dst_region = body.required("dst_region", LONGEST)?.to_owned();
    let dst_bucket = body.required("dst_bucket", LONGEST)?.to_owned();
    let description = description(body, bad_description)?.to_owned();
    let enable_kms = body.flag("enable_kms")?;
    let enable_metadata_migration = body.flag("enable_metadata_migration")?.unwrap_or(false);
    let enable_restore = body.flag("enable_restore")?.unwrap_or(false);
    let dst_storage_policy = body.choice("dst_storage_policy", StoragePolicy::NAMES)?;
    let app_id = app_id(body, src_cloud_type)?.map(str::to_owned);
    let source_cdn = body.object("source_cdn")?.as_ref().map(source_cdn).transpose()?;
    let consistency_check = match body.choice("consistency_check", CONSISTENCY_CHECKS)? {
        Some(TRANSMISSION) => ConsistencyCheck::NoCheck,
        sent => {
            sent.and_then(ConsistencyCheck::named).unwrap_or(ConsistencyCheck::SizeLastModified)
        }
    };
    Ok(Settings {
        src_cloud_type,
        src_region,
        src_bucket,
        dst_region,
        dst_bucket,
        description,
        enable_kms,
        enable_metadata_migration,
        enable_restore,
        app_id,
        source_cdn,
        // No SDK sends it; the default of the vendor's page.
        object_overwrite_mode: OverwriteMode::IfNewer,
        dst_storage_policy: dst_storage_policy
            .and_then(StoragePolicy::named)
            .unwrap_or(StoragePolicy::Standard),
        consistency_check,
    })
}

fn description<'b>(body: &Object<'b>, bad: BadDescription) -> Result<&'b str, Refusal> {
    let text = body.short("description", LONGEST)?.unwrap_or_default();
    if text.contains(SPECIAL) {
        let refusal = match bad {
            BadDescription::Special => Refusal::own(&BAD_DESCRIPTION, ""),
            BadDescription::Parameter => body.refuse("description", Rule::Required),
        };
        return Err(refusal.hint("a description has none of < > ( ) \" ' &"));
    }
    Ok(text)
}

/// Tencent's alone, which needs it (vendor's page; go SDK).
fn app_id<'b>(body: &Object<'b>, cloud: CloudType) -> Result<Option<&'b str>, Refusal> {
    if cloud == CloudType::Tencent {
        let hint = "src_cloud_type Tencent goes with the app_id of the account";
        return body.required("app_id", LONGEST).map(Some).map_err(|refusal| refusal.hint(hint));
    }
    body.short("app_id", LONGEST)?;
    Ok(None)
}

/// Terraform's provider sends an empty type and key. That Aliyun's types need a key is the
/// SDK's ("according to authentication_type"), that they are refused without one inferred.
fn source_cdn(body: &Object<'_>) -> Result<SourceCdn, Refusal> {
    let authentication_type = body.choice("authentication_type", AuthenticationType::NAMES)?;
    let authentication_type =
        authentication_type.and_then(AuthenticationType::named).unwrap_or(AuthenticationType::None);
    let key = body.text("authentication_key")?.unwrap_or_default();
    use AuthenticationType::{AliyunA, AliyunB, AliyunC};
    if key.is_empty() && matches!(authentication_type, AliyunA | AliyunB | AliyunC) {
        return Err(body.refuse("authentication_key", Rule::Required));
    }
    let domain = body.required("domain", LONGEST)?.to_owned();
    let protocol = body.choice("protocol", Protocol::NAMES)?.and_then(Protocol::named);
    let protocol = protocol.ok_or_else(|| body.refuse("protocol", Rule::Required))?;
    credentials::check_crypto(body, "")?;
    Ok(SourceCdn { domain, protocol, authentication_type })
}
