//! list-sync-risk-operations, trigger-sync-risk-operations and cancel-sync-risk-operation.

use std::collections::HashSet;

use serde::Serialize;

use super::event::AuthingEvent;
use super::job_logs::ObjectType;
use super::not_found::has_task_lists;
use super::page::{ListPage, render};
use super::parameters::{BodyReader, QueryReader, id_from_number, refuse_violations};
use super::risk_operation::{OBJECT, RiskOperationRef, RiskOperationRow, find};
use super::state::{CANCEL_RISK_OPERATION, RiskOperationStatus, TRIGGER_RISK_OPERATIONS};
use super::task::TaskView;
use super::{AuthingCall, AuthingResult};
use crate::wire::body;
use crate::world::population::Member;
use crate::world::selection::{Filter, Selection};

/// Vendor's OpenAPI document.
const MAX_STATUSES: usize = 50;

/// Newest first (inferred).
pub(crate) fn list_sync_risk_operations(call: &AuthingCall<'_>) -> AuthingResult {
    let snapshot = call.page_snapshot();
    let view = snapshot.view();
    let quirks = &view.plan.quirks;
    let mut query = QueryReader::new(call.arguments());
    let id = query.id("syncTaskId");
    let page = query.page(quirks);
    let statuses: Vec<RiskOperationStatus> = query.each_of("status", Some(MAX_STATUSES));
    let objects: Vec<ObjectType> = query.each_of("objectType", None);
    query.finish()?;

    let task = TaskView::find(&view, id);
    if task.is_none() {
        has_task_lists(call, id)?;
    }
    let operations = task.and_then(|task| Some((task, task.task.operations.as_ref()?)));
    let Some((task, operations)) = operations else {
        return ListPage::<RiskOperationRow>::empty(quirks, page)?.render(call);
    };
    let operation = |member: Member| match member {
        Member::Synthetic(index) => RiskOperationRef { task, operations, index },
        Member::Fixed(_) | Member::Created(_) => {
            unreachable!("a scenario fixes no risk operations, and clients create none")
        }
    };
    let is_wanted = |object: ObjectType| objects.is_empty() || objects.contains(&object);
    let by_row = |row: usize| {
        is_wanted(ObjectType::from_attribute(operations.sampler.attribute(OBJECT, row)))
    };
    let single = |member: Member| {
        let operation = operation(member);
        is_wanted(operation.object_type()) && (statuses.is_empty() || operation.is_in(&statuses))
    };
    let filter = Filter {
        row: if objects.is_empty() { None } else { Some(&by_row) },
        state: None,
        from: None,
        until: None,
        single: &single,
    };
    let traces = &task.history.operations;
    let selection = Selection::in_states(operations, traces, &filter, &statuses, view.now);
    let row = |place: u64| {
        #[expect(clippy::expect_used, reason = "a page's places lie within its total")]
        let member = selection.nth_newest(place).expect("a risk operation of the list");
        operation(member).row()
    };
    ListPage::new(quirks, page, selection.total(), row)?.render(call)
}

/// The answer to trigger-sync-risk-operations and cancel-sync-risk-operation; spelt so on the
/// wire.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct OperateRiskOperationsResponse {
    success_list: Vec<u64>,
    faild_list: Vec<u64>,
}

pub(crate) fn trigger_sync_risk_operations(call: &AuthingCall<'_>) -> AuthingResult {
    operate(call, TRIGGER_RISK_OPERATIONS, |sync_risk_operation_ids| {
        AuthingEvent::TriggerRiskOperations { sync_risk_operation_ids }
    })
}

pub(crate) fn cancel_sync_risk_operation(call: &AuthingCall<'_>) -> AuthingResult {
    operate(call, CANCEL_RISK_OPERATION, |sync_risk_operation_ids| {
        AuthingEvent::CancelRiskOperations { sync_risk_operation_ids }
    })
}

/// An operation that does not allow this is no error of the call: its id is in the other list
/// (vendor's OpenAPI document; that unknown ids are there, too, and that an execution that was
/// started counts as a success, is inferred).
fn operate(
    call: &AuthingCall<'_>,
    operation: &str,
    event: impl Fn(Vec<u64>) -> AuthingEvent,
) -> AuthingResult {
    let view = call.view();
    let body = body(call.context().request)?;
    let mut violations = Vec::new();
    let ids = BodyReader::new(&body).numbers("syncRiskOperationIds", &mut violations);
    refuse_violations(violations)?;
    let mut response = OperateRiskOperationsResponse::default();
    let mut seen = HashSet::new();
    for id in ids.into_iter().map(id_from_number).filter(|id| seen.insert(*id)) {
        match find(&view, id).and_then(|found| found.transition(operation)) {
            Some(_) => response.success_list.push(id),
            None => response.faild_list.push(id),
        }
    }
    let outcome = render(call, &response)?;
    if response.success_list.is_empty() {
        return Ok(outcome);
    }
    Ok(outcome.recording(event(response.success_list)))
}
