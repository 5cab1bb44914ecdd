//! BatchCreateJobsAsync: a new batch, whose parameters are then validated.
//!
//! What is wrong with single parameters is found by the validation, and shown by detail
//! (inferred from the states and from a fragment of the vendor's pages), unless the scenario
//! wants it at once (`drs.quirks.checks`). A taken name is refused at once.

use serde::Serialize;
use serde_json::{Map, Value};

use super::View;
use super::change::Change;
use super::errors::{NAME_TAKEN, PARSE_FAILED};
use super::job::Owner;
use super::quirks::{Checks, CreateStatus};
use super::schema::{faults, kept, listed, text_at};
use super::transfer::{Place, named_index, traits};
use crate::gateway::{Admitted, unknown_project};
use crate::service::Granted;
use crate::wire::refusal::{Reason, Refusal, Rule};
use crate::wire::{Object, body};
use crate::world::population::{Member, created_index};

#[derive(Serialize)]
struct Answer {
    job: Created,
}

#[derive(Serialize)]
struct Created {
    async_job_id: String,
}

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let view = super::view(call);
    if !super::project(call)? {
        return Err(unknown_project(call, &call.plan().drs.project_id));
    }
    let quirks = &view.plan.quirks;
    let sent = body(call.exchange().request)?;
    let sent = Object::new(&sent);
    let hinted = |refusal: Refusal| refusal.hint("jobs is a list of objects, one for each job");
    let items = sent.list("jobs").map_err(hinted)?;
    if items.is_empty() {
        return Err(hinted(sent.refuse("jobs", Rule::Required)));
    }
    if items.len() > quirks.max_jobs {
        let hint = format!("drs.quirks.max_jobs is {}", quirks.max_jobs);
        return Err(sent.refuse("jobs", Rule::AtMost(quirks.max_jobs as i64)).hint(hint));
    }
    let mut jobs: Vec<Map<String, Value>> = Vec::new();
    for (i, item) in items.iter().enumerate() {
        let wrong = || hinted(sent.refuse(&format!("jobs[{i}]"), Rule::Object));
        jobs.push(kept(item.as_object().ok_or_else(wrong)?));
    }
    if quirks.checks == Checks::AtOnce {
        checked(&jobs)?;
    }
    for (i, job) in jobs.iter().enumerate() {
        let name = text_at(job, "base_info.name");
        let same = |other: &Map<String, Value>| {
            !name.is_empty() && text_at(other, "base_info.name").eq_ignore_ascii_case(name)
        };
        if taken(&view, name, None) || jobs[..i].iter().any(same) {
            let hint = format!("there is a job {name}; names are unique in a project");
            return Err(Refusal::own(&NAME_TAKEN, "").hint(hint));
        }
    }
    let Owner { domain_name, user_name } = caller(call);
    let async_job_id = view.plan.ids.uuid(created_index(call.number()));
    let mut granted = call.render(&Answer { job: Created { async_job_id } })?;
    granted.payload.status = match quirks.create_status {
        CreateStatus::Accepted => 202,
        CreateStatus::Ok => 200,
    };
    Ok(granted.changing(Change::Create { domain_name, user_name, jobs }))
}

fn checked(jobs: &[Map<String, Value>]) -> Result<(), Refusal> {
    for (i, job) in jobs.iter().enumerate() {
        let faults = faults(job);
        let Some(first) = faults.first() else { continue };
        let hint = format!("jobs[{i}] has something wrong with {}", listed(&faults));
        let refusal = match first.rule {
            Rule::List | Rule::Object => {
                let text = format!("{} parse object failed.", first.parameter);
                Refusal::own(&PARSE_FAILED, text)
            }
            _ => Reason::Parameters(vec![first.clone()]).into(),
        };
        return Err(refusal.hint(hint));
    }
    Ok(())
}

/// Who asks: the user of the access key that signed or logged in; the first tenant's first
/// user if that is none of the scenario's.
fn caller(call: &Admitted<'_>) -> Owner {
    let first = call.plan().drs.owner(0);
    match call.key() {
        Some(key) if key.domain.is_empty() => {
            Owner { user_name: key.user.clone(), ..first.clone() }
        }
        Some(key) => Owner { domain_name: key.domain.clone(), user_name: key.user.clone() },
        None => first.clone(),
    }
}

/// Whether a job, other than the one at the place, has the name; case does not matter
/// (huaweicloudsdkdrs 3.1.219).
pub fn taken(view: &View<'_>, name: &str, but: Option<Place>) -> bool {
    !name.is_empty() && named(view, name).any(|place| Some(place) != but)
}

/// The jobs of that name, committed or not.
pub fn named<'v>(view: &View<'v>, name: &'v str) -> impl Iterator<Item = Place> + 'v {
    let view = *view;
    let View { plan, changes, now } = view;
    let exists = |index: &u64| *index < plan.jobs.arrivals.count_at(now);
    let generated = named_index(name).filter(exists).map(Member::Synthetic);
    // An update may have renamed generated ones.
    let touched = changes.jobs.touched().map(Member::Synthetic);
    let touched = touched.filter(move |member| Some(*member) != generated);
    let synthetic = generated.into_iter().chain(touched).map(|member| Place { member, nth: 0 });
    let pins = plan.transfers.pins.iter().filter(move |pin| pin.born <= now).map(|pin| pin.value);
    let created = changes
        .transfers
        .created()
        .filter_map(move |(_, number)| Place::of(plan, Member::Created(number)));
    synthetic.chain(pins).chain(created).filter(move |place| {
        traits(&view, *place).is_some_and(|traits| traits.name.eq_ignore_ascii_case(name))
    })
}
