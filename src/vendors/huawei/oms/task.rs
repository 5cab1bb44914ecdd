//! The synchronization task: its lookup by id, and its row on the wire.

use serde::Serialize;

use super::View;
use super::lifecycle_status::TaskStatus;
use super::settings::{
    CloudType, ConsistencyCheck, OverwriteMode, Settings, SourceCdn, StoragePolicy,
};
use super::state::{SyncTaskState, TASK};
use crate::world::lifecycle::LifecyclePath;
use crate::world::population::{Member, created_index};
use crate::world::series::Counts;
use crate::world::time::Timestamp;

/// A task that the scenario file describes.
#[derive(Debug)]
pub(crate) struct FixedTask {
    pub(crate) sync_task_id: String,
    /// Values that the file leaves out are drawn by it.
    pub(crate) index: u64,
    pub(crate) path: LifecyclePath<SyncTaskState>,
    pub(crate) last_start_time: Option<Timestamp>,
    pub(crate) settings: Settings,
    /// The statistics, ascending by bucket; None if they are drawn.
    pub(crate) counts: Option<Vec<(i64, Counts)>>,
}

/// A row of ListSyncTasks, or the body of ShowSyncTask. Names and their order are those of
/// huaweicloudsdkoms 3.1.219; `enable_kms` is from the vendor's older pages. The fields that
/// Terraform's provider relies on are always there.
#[derive(Debug, Serialize)]
pub(crate) struct SyncTaskRow {
    pub(crate) sync_task_id: String,
    pub(crate) src_cloud_type: CloudType,
    pub(crate) src_region: String,
    pub(crate) src_bucket: String,
    /// Unix ms.
    pub(crate) create_time: i64,
    /// Unix ms.
    pub(crate) last_start_time: i64,
    pub(crate) dst_bucket: String,
    pub(crate) dst_region: String,
    /// Empty if the task has none (inferred).
    pub(crate) description: String,
    pub(crate) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) enable_kms: Option<bool>,
    pub(crate) enable_metadata_migration: bool,
    pub(crate) enable_restore: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) app_id: Option<String>,
    /// Only in ListSyncTasks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source_cdn: Option<SourceCdn>,
    /// Only in ShowSyncTask.
    #[serde(flatten)]
    pub(crate) monthly: Option<MonthlyCounters>,
    pub(crate) object_overwrite_mode: OverwriteMode,
    pub(crate) dst_storage_policy: StoragePolicy,
    pub(crate) consistency_check: ConsistencyCheck,
}

#[derive(Debug, Serialize)]
pub(crate) struct MonthlyCounters {
    pub(crate) monthly_acceptance_request: u64,
    pub(crate) monthly_success_object: u64,
    pub(crate) monthly_failure_object: u64,
    pub(crate) monthly_skip_object: u64,
    /// Bytes.
    pub(crate) monthly_size: u64,
}

/// The status of a task that exists: it was created, and is not deleted.
pub(crate) fn existing_status(view: &View<'_>, member: Member) -> Option<TaskStatus> {
    TaskStatus::from_view(view, member).filter(|status| status.state != SyncTaskState::Deleted)
}

/// The task of that id, if it exists.
pub(crate) fn find_task(view: &View<'_>, id: &str) -> Option<(Member, TaskStatus)> {
    let View { plan, projection, now } = *view;
    let fixed = plan.tasks.fixed.iter().position(|record| record.value.sync_task_id == id);
    let member = match fixed {
        Some(index) => Member::Fixed(index),
        None => plan.tasks.member(plan.ids.uuid_index(id)?, &projection.tasks, now)?,
    };
    Some((member, existing_status(view, member)?))
}

/// The index that a task's values are drawn by.
pub(crate) fn draw_index(view: &View<'_>, member: Member) -> u64 {
    match member {
        Member::Synthetic(index) => index,
        Member::Fixed(index) => view.plan.tasks.fixed[index].value.index,
        Member::Created(number) => created_index(number),
    }
}

pub(crate) fn task_id(view: &View<'_>, member: Member) -> String {
    match member {
        Member::Fixed(index) => view.plan.tasks.fixed[index].value.sync_task_id.clone(),
        _ => view.plan.ids.uuid(draw_index(view, member)),
    }
}

impl SyncTaskRow {
    /// The row of a task that exists in the view.
    pub(crate) fn new(view: &View<'_>, member: Member, status: &TaskStatus) -> Self {
        let View { plan, projection, .. } = *view;
        let settings = match member {
            Member::Synthetic(index) => Settings::drawn(plan.seed, index, plan.locale, None),
            Member::Fixed(index) => plan.tasks.fixed[index].value.settings.clone(),
            Member::Created(number) => projection.settings(number).clone(),
        };
        Self {
            sync_task_id: task_id(view, member),
            src_cloud_type: settings.src_cloud_type,
            src_region: settings.src_region,
            src_bucket: settings.src_bucket,
            create_time: status.born.millis(),
            last_start_time: status.started.millis(),
            dst_bucket: settings.dst_bucket,
            dst_region: settings.dst_region,
            description: settings.description,
            status: TASK.name(status.state),
            enable_kms: settings.enable_kms,
            enable_metadata_migration: settings.enable_metadata_migration,
            enable_restore: settings.enable_restore,
            app_id: settings.app_id,
            source_cdn: settings.source_cdn,
            monthly: None,
            object_overwrite_mode: settings.object_overwrite_mode,
            dst_storage_policy: settings.dst_storage_policy,
            consistency_check: settings.consistency_check,
        }
    }
}
