//! The settings of a task that create-sync-task and update-sync-task send.

use serde::{Deserialize, Serialize};

use super::job::{Flow, Trigger};
use super::parameters::BodyReader;
use super::task::{
    CONFIGS, Config, FieldMapping, ProvisioningScope, Setup, SyncTaskType, TimedScheduler,
};
use crate::wire::error::Violation;

/// The form in the event log, without secrets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "snake_case", deny_unknown_fields)]
pub(crate) struct Draft {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sync_task_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sync_task_type: Option<SyncTaskType>,
    /// The names of the directories that clientConfig has, such as `larkConfig`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client_configs: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sync_task_flow: Option<Flow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sync_task_trigger: Option<Trigger>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) organization_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) provisioning_scope: Option<ProvisioningScope>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) field_mapping: Option<Vec<FieldMapping>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) timed_scheduler: Option<TimedScheduler>,
}

impl Draft {
    /// Reads the body, and collects the violations in the order of the vendor's OpenAPI
    /// document. A missing clientConfig or fieldMapping of a new task is no violation: it has an
    /// error of its own.
    pub(crate) fn read(body: &BodyReader<'_>, new: bool, violations: &mut Vec<Violation>) -> Self {
        let config = body.object("clientConfig", violations);
        Self {
            sync_task_name: body.text("syncTaskName", new, violations),
            sync_task_type: body.one_of("syncTaskType", new, violations),
            client_configs: config.map(|config| configs(&config, violations)),
            sync_task_flow: body.one_of("syncTaskFlow", new, violations),
            sync_task_trigger: body.one_of("syncTaskTrigger", new, violations),
            organization_code: body.text("organizationCode", false, violations),
            provisioning_scope: body
                .object("provisioningScope", violations)
                .map(|scope| provisioning_scope(&scope, violations)),
            field_mapping: body.objects("fieldMapping", violations).map(|mappings| {
                mappings.iter().filter_map(|mapping| field_mapping(mapping, violations)).collect()
            }),
            timed_scheduler: body
                .object("timedScheduler", violations)
                .and_then(|timer| timed_scheduler(&timer, violations)),
        }
    }

    /// The setup of a new task, if the draft has everything that it needs.
    pub(crate) fn setup(&self) -> Option<Setup> {
        Some(Setup {
            name: self.sync_task_name.clone()?,
            sync_task_type: self.sync_task_type?,
            configs: self.client_configs.clone()?,
            flow: self.sync_task_flow?,
            trigger: self.sync_task_trigger?,
            organization_code: self.organization_code.clone(),
            provisioning_scope: self.provisioning_scope,
            field_mapping: self.field_mapping.clone()?,
            timed_scheduler: self.timed_scheduler.clone(),
        })
    }

    /// The setup of a task after an update.
    pub(crate) fn over(&self, setup: &Setup) -> Setup {
        let Self {
            sync_task_name,
            sync_task_type,
            client_configs,
            sync_task_flow,
            sync_task_trigger,
            organization_code,
            provisioning_scope,
            field_mapping,
            timed_scheduler,
        } = self.clone();
        Setup {
            name: sync_task_name.unwrap_or_else(|| setup.name.clone()),
            sync_task_type: sync_task_type.unwrap_or(setup.sync_task_type),
            configs: client_configs.unwrap_or_else(|| setup.configs.clone()),
            flow: sync_task_flow.unwrap_or(setup.flow),
            trigger: sync_task_trigger.unwrap_or(setup.trigger),
            organization_code: organization_code.or_else(|| setup.organization_code.clone()),
            provisioning_scope: provisioning_scope.or(setup.provisioning_scope),
            field_mapping: field_mapping.unwrap_or_else(|| setup.field_mapping.clone()),
            timed_scheduler: timed_scheduler.or_else(|| setup.timed_scheduler.clone()),
        }
    }
}

/// The directories that are configured. Unknown members are ignored.
fn configs(given: &BodyReader<'_>, violations: &mut Vec<Violation>) -> Vec<String> {
    let mut names = Vec::new();
    for (_, Config { key, required, optional }) in CONFIGS {
        let Some(config) = given.object(key, violations) else { continue };
        for name in *required {
            config.text(name, true, violations);
        }
        for name in *optional {
            config.text(name, false, violations);
        }
        names.push((*key).to_owned());
    }
    names
}

/// The default of both is true (document).
fn provisioning_scope(
    scope: &BodyReader<'_>,
    violations: &mut Vec<Violation>,
) -> ProvisioningScope {
    ProvisioningScope {
        all: scope.flag("all", violations).unwrap_or(true),
        include_new_users: scope.flag("includeNewUsers", violations).unwrap_or(true),
    }
}

fn field_mapping(
    mapping: &BodyReader<'_>,
    violations: &mut Vec<Violation>,
) -> Option<FieldMapping> {
    let expression = mapping.text("expression", true, violations);
    let target_key = mapping.text("targetKey", true, violations);
    Some(FieldMapping { expression: expression?, target_key: target_key? })
}

fn timed_scheduler(
    timer: &BodyReader<'_>,
    violations: &mut Vec<Violation>,
) -> Option<TimedScheduler> {
    let cycle = timer.one_of("cycle", true, violations);
    let start = timer.number("startTime", violations);
    Some(TimedScheduler { cycle: cycle?, start_time: start? as i64 })
}
