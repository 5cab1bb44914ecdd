//! CreateSyncTask: creates a task, which starts at once (python SDK 3.1.219).

use std::sync::Arc;

use serde::Serialize;

use super::bucket_credentials::{check_crypto, check_keys};
use super::errors::BAD_DESCRIPTION;
use super::event::OmsEvent;
use super::hints::with_hint;
use super::quirks::BadDescription;
use super::requested_task::is_known_project;
use super::settings::{
    AuthenticationType, CloudType, ConsistencyCheck, OverwriteMode, Protocol, Settings, SourceCdn,
    StoragePolicy, WireName,
};
use super::{OmsCall, OmsResult};
use crate::vendors::huawei::dialect::unknown_project;
use crate::wire::error::{ApiError, Rule};
use crate::wire::{JsonObject, body};
use crate::world::population::created_index;

#[derive(Serialize)]
struct CreateSyncTaskResponse {
    sync_task_id: String,
}

/// Maximum length of the description (vendor's page), and of names, for which no source gives one.
const MAX_LENGTH: usize = 255;
const SPECIAL_CHARACTERS: &[char] = &['<', '>', '(', ')', '"', '\'', '&'];
/// Go and python SDKs send `transmission` for what answers call `no_check`; Terraform's provider
/// sends `no_check` (docs).
const CONSISTENCY_CHECKS: &[&str] = &["size_last_modified", "crc64", "no_check", "transmission"];

pub(crate) fn create_sync_task(call: &OmsCall<'_>) -> OmsResult {
    let is_known_project = is_known_project(call)?;
    let members = body(call.context().request)?;
    let bad_description = call.plan().quirks.bad_description;
    let settings =
        parse_settings(&JsonObject::new(&members), bad_description).map_err(with_hint)?;
    if !is_known_project {
        return Err(unknown_project(call, &call.plan().project_id));
    }
    let sync_task_id = call.plan().ids.uuid(created_index(call.change_ordinal()));
    Ok(call
        .render(&CreateSyncTaskResponse { sync_task_id })?
        .recording(OmsEvent::Create(Arc::new(settings))))
}

/// Checks in the order of the SDK's model; the first violation is reported.
fn parse_settings(
    body: &JsonObject<'_>,
    bad_description: BadDescription,
) -> Result<Settings, ApiError> {
    let src_cloud_type =
        CloudType::from_member(body, "src_cloud_type")?.unwrap_or(CloudType::Aliyun);
    let src_region = body.required("src_region", MAX_LENGTH)?.to_owned();
    let src_bucket = body.required("src_bucket", MAX_LENGTH)?.to_owned();
    check_keys(body, "src")?;
    check_keys(body, "dst")?;
    let dst_region = body.required("dst_region", MAX_LENGTH)?.to_owned();
    let dst_bucket = body.required("dst_bucket", MAX_LENGTH)?.to_owned();
    let description = description(body, bad_description)?.to_owned();
    let enable_kms = body.flag("enable_kms")?;
    let enable_metadata_migration = body.flag("enable_metadata_migration")?.unwrap_or(false);
    let enable_restore = body.flag("enable_restore")?.unwrap_or(false);
    let dst_storage_policy = StoragePolicy::from_member(body, "dst_storage_policy")?;
    let app_id = app_id(body, src_cloud_type)?.map(str::to_owned);
    let source_cdn = body.object("source_cdn")?.as_ref().map(source_cdn).transpose()?;
    let consistency_check = match body.choice("consistency_check", CONSISTENCY_CHECKS)? {
        None => ConsistencyCheck::SizeLastModified,
        // Only `transmission` is not a name of an answer.
        Some(name) => ConsistencyCheck::from_name(name).unwrap_or(ConsistencyCheck::NoCheck),
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
        // The SDKs never send it; this is the default of the vendor's page.
        object_overwrite_mode: OverwriteMode::IfNewer,
        dst_storage_policy: dst_storage_policy.unwrap_or(StoragePolicy::Standard),
        consistency_check,
    })
}

fn description<'b>(body: &JsonObject<'b>, bad: BadDescription) -> Result<&'b str, ApiError> {
    let text = body.short("description", MAX_LENGTH)?.unwrap_or_default();
    if text.contains(SPECIAL_CHARACTERS) {
        let error = match bad {
            BadDescription::Special => ApiError::own(&BAD_DESCRIPTION, ""),
            BadDescription::Parameter => body.refuse("description", Rule::Required),
        };
        return Err(error.hint("a description has none of < > ( ) \" ' &"));
    }
    Ok(text)
}

/// Only Tencent has it, and needs it (vendor's page; go SDK).
fn app_id<'b>(body: &JsonObject<'b>, cloud: CloudType) -> Result<Option<&'b str>, ApiError> {
    if cloud == CloudType::Tencent {
        let hint = "src_cloud_type Tencent goes with the app_id of the account";
        return body.required("app_id", MAX_LENGTH).map(Some).map_err(|error| error.hint(hint));
    }
    body.short("app_id", MAX_LENGTH)?;
    Ok(None)
}

/// Terraform's provider sends an empty type and key. The SDK says that the key is needed
/// "according to authentication_type"; that Aliyun's types are refused without one is inferred.
fn source_cdn(body: &JsonObject<'_>) -> Result<SourceCdn, ApiError> {
    let authentication_type = AuthenticationType::from_member(body, "authentication_type")?
        .unwrap_or(AuthenticationType::None);
    let key = body.text("authentication_key")?.unwrap_or_default();
    use AuthenticationType::{AliyunA, AliyunB, AliyunC};
    if key.is_empty() && matches!(authentication_type, AliyunA | AliyunB | AliyunC) {
        return Err(body.refuse("authentication_key", Rule::Required));
    }
    let domain = body.required("domain", MAX_LENGTH)?.to_owned();
    let protocol = Protocol::from_member(body, "protocol")?
        .ok_or_else(|| body.refuse("protocol", Rule::Required))?;
    check_crypto(body, "")?;
    Ok(SourceCdn { domain, protocol, authentication_type })
}
