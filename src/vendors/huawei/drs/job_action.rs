//! The actions that ListJobs shows as possible in each state of a job. The commands are those of
//! huaweicloudsdkdrs 3.1.219; the actions of a failed transfer are a sample of the vendor's older
//! page, the rest is inferred.

use serde::Serialize;

use super::transfer_state::TransferState;

#[derive(Debug, Serialize)]
pub(crate) struct JobAction {
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

fn allowed(state: TransferState) -> &'static [&'static str] {
    use TransferState::*;
    match state {
        Configuration => &[
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
        WaitingForStart => &["FREE_RESOURCE", "START", "CLONE"],
        StartJobFailed | RebuildFailed | ChangeFailed | ChildFailed | UpgradeFailed => {
            &["FREE_RESOURCE", "RETRY", "CLONE"]
        }
        Pausing => &["FREE_RESOURCE", "RETRY", "RESET", "CLONE"],
        FullStarted => &["FREE_RESOURCE", "RESET_DB_PWD", "MODIFY_CONFIGURATION", "PAUSE", "CLONE"],
        FullFailed | IncreFailed => &[
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
        IncreStarted => &[
            "CHOOSE_OBJECT",
            "FREE_RESOURCE",
            "RESET_DB_PWD",
            "MODIFY_CONFIGURATION",
            "PAUSE",
            "CHANGE",
            "CHANGE_FLAVOR",
            "CLONE",
        ],
        FullComplete => &["FREE_RESOURCE", "CLONE"],
        ReleaseFailed => &["FREE_RESOURCE"],
        ReleaseComplete => &["DELETE", "CLONE"],
        CreateFailed => &["DELETE"],
        _ => &[],
    }
}

impl JobAction {
    pub(crate) fn from_state(state: TransferState) -> Self {
        use TransferState::*;
        let allowed = allowed(state);
        let (available_actions, unavailable_actions) =
            ACTIONS.iter().partition(|action| allowed.contains(action));
        let current_action = match state {
            Creating => "CREATE",
            StartJobing => "START",
            ReleaseStarted => "FREE_RESOURCE",
            ChangeStarted => "CHANGE",
            ChildStarting | ChildStarted | ChildComplete => "CHOOSE_OBJECT",
            _ => "",
        };
        Self { available_actions, unavailable_actions, current_action }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendors::huawei::drs::transfer_state::TRANSFER;

    #[test]
    fn every_command_is_available_or_not_in_every_state() {
        for state in TRANSFER.states.iter().map(|row| row.state) {
            let JobAction { available_actions, unavailable_actions, .. } =
                JobAction::from_state(state);
            assert_eq!(available_actions.len(), allowed(state).len());
            assert_eq!(available_actions.len() + unavailable_actions.len(), ACTIONS.len());
        }
    }
}
