//! What can be done to a job in each state, as GET /jobs shows it. The commands are those of
//! huaweicloudsdkdrs 3.1.219; what a failed transfer allows is a sample of the vendor's older
//! page, the rest is inferred.

use serde::Serialize;

use super::state::transfer::*;
use crate::world::lifecycle::State;

#[derive(Debug, Serialize)]
pub struct Actions {
    available_actions: Vec<&'static str>,
    unavailable_actions: Vec<&'static str>,
    /// Empty if nothing is being done.
    current_action: &'static str,
}

const ACTIONS: &[&str] = &[
    "CREATE",
    "CHOOSE_OBJECT",
    "PRE_CHECK",
    "CHANGE_MODE",
    "FREE_RESOURCE",
    "MODIFY_DB_CONFIG",
    "RESET_DB_PWD",
    "MODIFY_CONFIGURATION",
    "PAUSE",
    "START",
    "CHANGE",
    "RETRY",
    "RESET",
    "DELETE",
    "QUERY_PRE_CHECK",
    "SWITCH_OVER",
    "START_INCR",
    "MODIFY_TASK_NUMBER",
    "CONTINUE_JOB",
    "STOP_JOB",
    "CONTINUE_CAPTURE",
    "STOP_CAPTURE",
    "CONTINUE_APPLY",
    "STOP_APPLY",
    "PAY_ORDER",
    "UNSUBSCRIBE",
    "TO_PERIOD",
    "TO_RENEW",
    "ORDER_INFO",
    "CHANGE_FLAVOR",
    "CLONE",
];

fn allowed(state: State) -> &'static [&'static str] {
    match state {
        CONFIGURATION => &[
            "CREATE",
            "CHOOSE_OBJECT",
            "PRE_CHECK",
            "CHANGE_MODE",
            "FREE_RESOURCE",
            "MODIFY_DB_CONFIG",
            "MODIFY_CONFIGURATION",
            "START",
            "QUERY_PRE_CHECK",
        ],
        WAITING_FOR_START => &["FREE_RESOURCE", "START", "CLONE"],
        START_JOB_FAILED | REBUILD_FAILED | CHANGE_FAILED | CHILD_FAILED | UPGRADE_FAILED => {
            &["FREE_RESOURCE", "RETRY", "CLONE"]
        }
        PAUSING => &["FREE_RESOURCE", "RETRY", "RESET", "CLONE"],
        FULL_STARTED => {
            &["FREE_RESOURCE", "RESET_DB_PWD", "MODIFY_CONFIGURATION", "PAUSE", "CLONE"]
        }
        FULL_FAILED | INCRE_FAILED => &[
            "CREATE",
            "CHOOSE_OBJECT",
            "PRE_CHECK",
            "CHANGE_MODE",
            "FREE_RESOURCE",
            "MODIFY_DB_CONFIG",
            "RESET_DB_PWD",
            "MODIFY_CONFIGURATION",
            "PAUSE",
            "RETRY",
            "RESET",
        ],
        INCRE_STARTED => &[
            "CHOOSE_OBJECT",
            "FREE_RESOURCE",
            "RESET_DB_PWD",
            "MODIFY_CONFIGURATION",
            "PAUSE",
            "CHANGE",
            "CHANGE_FLAVOR",
            "CLONE",
        ],
        FULL_COMPLETE => &["FREE_RESOURCE", "CLONE"],
        RELEASE_FAILED => &["FREE_RESOURCE"],
        RELEASE_COMPLETE => &["DELETE", "CLONE"],
        CREATE_FAILED => &["DELETE"],
        _ => &[],
    }
}

impl Actions {
    pub fn of(state: State) -> Self {
        let allowed = allowed(state);
        let (available_actions, unavailable_actions) =
            ACTIONS.iter().partition(|action| allowed.contains(action));
        let current_action = match state {
            CREATING => "CREATE",
            STARTJOBING => "START",
            RELEASE_STARTED => "FREE_RESOURCE",
            CHANGE_STARTED => "CHANGE",
            CHILD_STARTING | CHILD_STARTED | CHILD_COMPLETE => "CHOOSE_OBJECT",
            _ => "",
        };
        Self { available_actions, unavailable_actions, current_action }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::drs::state::TRANSFER;

    #[test]
    fn every_command_is_available_or_not_in_every_state() {
        for state in 0..TRANSFER.states.len() {
            let Actions { available_actions, unavailable_actions, .. } = Actions::of(state);
            assert_eq!(available_actions.len(), allowed(state).len());
            assert_eq!(available_actions.len() + unavailable_actions.len(), ACTIONS.len());
        }
    }
}
