//! The synchronization task: finding it, and how it looks on the wire.

use serde::Serialize;

use super::View;
use super::life::Life;
use super::settings::{
    CloudType, ConsistencyCheck, OverwriteMode, Settings, SourceCdn, StoragePolicy,
};
use super::state::{DELETED, TASK};
use crate::world::lifecycle::Path;
use crate::world::population::{Member, created_index};
use crate::world::series::Counts;
use crate::world::time::Timestamp;

/// An exact task of the scenario file.
#[derive(Debug)]
pub struct Exact {
    pub sync_task_id: String,
    /// What is not written is drawn by it.
    pub index: u64,
    pub path: Path,
    pub last_start_time: Option<Timestamp>,
    pub settings: Settings,
    /// By bucket, ascending; without, a series is drawn.
    pub figures: Option<Vec<(i64, Counts)>>,
}

/// A row of the list, or the body of ShowSyncTask. Names and their order are those of
/// huaweicloudsdkoms 3.1.219, `enable_kms` that of the vendor's older pages. What Terraform's
/// provider relies on is always there.
#[derive(Debug, Serialize)]
pub struct Row {
    pub sync_task_id: String,
    pub src_cloud_type: CloudType,
    pub src_region: String,
    pub src_bucket: String,
    /// Unix ms.
    pub create_time: i64,
    /// Unix ms.
    pub last_start_time: i64,
    pub dst_bucket: String,
    pub dst_region: String,
    /// Empty if it has none (inferred).
    pub description: String,
    pub status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_kms: Option<bool>,
    pub enable_metadata_migration: bool,
    pub enable_restore: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_id: Option<String>,
    /// The list's alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_cdn: Option<SourceCdn>,
    /// ShowSyncTask's alone.
    #[serde(flatten)]
    pub monthly: Option<Monthly>,
    pub object_overwrite_mode: OverwriteMode,
    pub dst_storage_policy: StoragePolicy,
    pub consistency_check: ConsistencyCheck,
}

#[derive(Debug, Serialize)]
pub struct Monthly {
    pub monthly_acceptance_request: u64,
    pub monthly_success_object: u64,
    pub monthly_failure_object: u64,
    pub monthly_skip_object: u64,
    /// Bytes.
    pub monthly_size: u64,
}

/// The life of the member, if there is such a task (still).
pub fn living(view: &View<'_>, member: Member) -> Option<Life> {
    Life::of(view, member).filter(|life| life.state != DELETED)
}

/// The task of that id, if there is one.
pub fn find(view: &View<'_>, id: &str) -> Option<(Member, Life)> {
    let View { plan, changes, now } = *view;
    let pinned = plan.tasks.pins.iter().position(|pin| pin.value.sync_task_id == id);
    let member = match pinned {
        Some(place) => Member::Pinned(place),
        None => {
            let index = plan.ids.uuid_index(id)?;
            plan.tasks.member(index, &changes.tasks, now)?
        }
    };
    Some((member, living(view, member)?))
}

/// The index that a member's draws are made by.
pub fn index_of(view: &View<'_>, member: Member) -> Option<u64> {
    Some(match member {
        Member::Synthetic(index) => index,
        Member::Pinned(place) => view.plan.tasks.pins.get(place)?.value.index,
        Member::Created(number) => created_index(number),
    })
}

pub fn id_of(view: &View<'_>, member: Member) -> Option<String> {
    Some(match member {
        Member::Pinned(place) => view.plan.tasks.pins.get(place)?.value.sync_task_id.clone(),
        _ => view.plan.ids.uuid(index_of(view, member)?),
    })
}

/// The row of a task with that life.
pub fn row(view: &View<'_>, member: Member, life: &Life) -> Option<Row> {
    let View { plan, changes, .. } = *view;
    let settings = match member {
        Member::Synthetic(index) => Settings::drawn(plan.seed, index, plan.tongue, None),
        Member::Pinned(place) => plan.tasks.pins.get(place)?.value.settings.clone(),
        Member::Created(number) => changes.created.get(&number)?.settings.clone(),
    };
    Some(Row {
        sync_task_id: id_of(view, member)?,
        src_cloud_type: settings.src_cloud_type,
        src_region: settings.src_region,
        src_bucket: settings.src_bucket,
        create_time: life.born.millis(),
        last_start_time: life.started.millis(),
        dst_bucket: settings.dst_bucket,
        dst_region: settings.dst_region,
        description: settings.description,
        status: TASK.name(life.state),
        enable_kms: settings.enable_kms,
        enable_metadata_migration: settings.enable_metadata_migration,
        enable_restore: settings.enable_restore,
        app_id: settings.app_id,
        source_cdn: settings.source_cdn,
        monthly: None,
        object_overwrite_mode: settings.object_overwrite_mode,
        dst_storage_policy: settings.dst_storage_policy,
        consistency_check: settings.consistency_check,
    })
}
