//! list-sync-tasks and get-sync-task.

use super::event::polled;
use super::not_found::unseen_task;
use super::page::{ListPage, render};
use super::parameters::QueryReader;
use super::task::TaskView;
use super::{AuthingCall, AuthingResult};

pub(crate) fn list_sync_tasks(call: &AuthingCall<'_>) -> AuthingResult {
    let snapshot = call.page_snapshot();
    let view = snapshot.view();
    let quirks = &view.plan.quirks;
    let mut query = QueryReader::new(call.arguments());
    let page = query.page(quirks);
    query.finish()?;
    let all = TaskView::latest_first(&view);
    let mut shown = Vec::new();
    let tasks = ListPage::new(quirks, page, all.len() as u64, |place| {
        let (row, newest) = all[place as usize].row();
        shown.extend(newest);
        row
    })?;
    Ok(tasks.render(call)?.recording(polled(&call.view(), shown)))
}

pub(crate) fn get_sync_task(call: &AuthingCall<'_>) -> AuthingResult {
    let snapshot = call.read_snapshot();
    let view = snapshot.view();
    let mut query = QueryReader::new(call.arguments());
    let id = query.id("syncTaskId");
    query.finish()?;
    let task = TaskView::find(&view, id).ok_or_else(|| unseen_task(call, id))?;
    let (row, newest) = task.row();
    Ok(render(call, &row)?.recording(polled(&call.view(), newest)))
}
