//! list-sync-risk-operations, trigger-sync-risk-operations and cancel-sync-risk-operation.

use serde::Serialize;

use super::asked::{Members, Query, complain, id};
use super::change::Change;
use super::get::has_lists;
use super::logs::ObjectType;
use super::page::{Paged, render};
use super::risk::{OBJECT, RiskOperation, Status, find, moved, object_type, risk_operation};
use super::state::risk::{CANCEL, TRIGGER};
use super::task::Standing;
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::body;
use crate::wire::refusal::Refusal;
use crate::world::population::Member;
use crate::world::selection::{Filter, Selection};

/// Vendor's OpenAPI document.
const MOST_STATUSES: usize = 50;

/// Newest first (inferred).
pub fn list(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let listed = super::listed(call);
    let view = super::view_as_of(&listed);
    let quirks = &view.plan.quirks;
    let mut query = Query::new(call.arguments());
    let id = query.id("syncTaskId");
    let page = query.page(quirks);
    let statuses: Vec<Status> = query.choices("status", Some(MOST_STATUSES));
    let objects: Vec<ObjectType> = query.choices("objectType", None);
    query.end()?;

    let standing = Standing::of(&view, id);
    if standing.is_none() {
        has_lists(call, id)?;
    }
    let operations = standing.and_then(|standing| {
        let operations = standing.task.operations.as_ref()?;
        Some((standing, operations))
    });
    let Some((standing, operations)) = operations else {
        return Paged::<RiskOperation>::of(quirks, page, 0, |_| None)?.render(call);
    };
    let wanted = |object: ObjectType| objects.is_empty() || objects.contains(&object);
    let card = |card: usize| wanted(ObjectType::of(operations.deck.choice(OBJECT, card)));
    let single = |member: Member| match member {
        Member::Synthetic(index) if wanted(object_type(operations, index)) => {
            let found = risk_operation(&standing, index);
            found.is_some_and(|o| statuses.is_empty() || statuses.contains(&o.status))
        }
        _ => false,
    };
    let filter = Filter {
        card: if objects.is_empty() { None } else { Some(&card) },
        state: None,
        from: None,
        until: None,
        single: &single,
    };
    let states: Vec<usize> = statuses.iter().map(|status| status.state()).collect();
    let traces = &standing.history.operations;
    let selection = Selection::in_states(operations, traces, &filter, &states, view.now);
    let row = |place: u64| match selection.nth_newest(place)? {
        Member::Synthetic(index) => risk_operation(&standing, index),
        Member::Pinned(_) | Member::Created(_) => None,
    };
    Paged::of(quirks, page, selection.total(), row)?.render(call)
}

/// Spelt so on the wire.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    success_list: Vec<u64>,
    faild_list: Vec<u64>,
}

pub fn trigger(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    operate(call, TRIGGER, |ids| Change::TriggerRiskOperations { sync_risk_operation_ids: ids })
}

pub fn cancel(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    operate(call, CANCEL, |ids| Change::CancelRiskOperations { sync_risk_operation_ids: ids })
}

/// What can not be done to an operation is no error of the call: its id is in the other list
/// (vendor's OpenAPI document; that ids which nothing has are there, too, and that an
/// execution which is begun counts as a success, is inferred).
fn operate(
    call: &Admitted<'_>,
    operation: &str,
    change: impl Fn(Vec<u64>) -> Change,
) -> Result<Granted, Refusal> {
    let view = super::view(call);
    let body = body(call.exchange().request)?;
    let mut violations = Vec::new();
    let asked = Members::new(&body).numbers("syncRiskOperationIds", &mut violations);
    complain(violations)?;
    let mut answer = Answer::default();
    for id in asked.into_iter().map(id) {
        if answer.success_list.contains(&id) || answer.faild_list.contains(&id) {
            continue;
        }
        let found = find(&view, id);
        match found.and_then(|(standing, index)| moved(&standing, operation, index)) {
            Some(_) => answer.success_list.push(id),
            None => answer.faild_list.push(id),
        }
    }
    let granted = render(call, &answer)?;
    if answer.success_list.is_empty() {
        return Ok(granted);
    }
    Ok(granted.changing(change(answer.success_list)))
}
