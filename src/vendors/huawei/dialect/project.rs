//! The project id in the path, which every service but IAM has.

use super::Huawei;
use crate::engine::{Call, Service};
use crate::wire::error::{ApiError, ResourceKind};

pub(crate) const PROJECT: ResourceKind = ResourceKind("project");

/// Whether the project in the path is the scenario's.
///
/// # Errors
/// If it is another one and `refuse` is set.
pub(crate) fn is_project<S: Service<Dialect = Huawei>>(
    call: &Call<'_, S>,
    project_id: &str,
    refuse: bool,
) -> Result<bool, ApiError> {
    let is_same = requested_project(call) == project_id;
    if is_same || !refuse { Ok(is_same) } else { Err(unknown_project(call, project_id)) }
}

pub(crate) fn unknown_project<S: Service<Dialect = Huawei>>(
    call: &Call<'_, S>,
    project_id: &str,
) -> ApiError {
    ApiError::not_found(PROJECT, requested_project(call)).hint(hint_for_project(call, project_id))
}

fn requested_project<'c, S: Service>(call: &Call<'c, S>) -> &'c str {
    call.arguments().text("project_id").unwrap_or_default()
}

/// SDKs that are configured with an endpoint but no project send the template's own
/// `{project_id}` (huaweicloudsdkcore 3.1.219, captured).
pub(crate) fn hint_for_project<S: Service<Dialect = Huawei>>(
    call: &Call<'_, S>,
    project_id: &str,
) -> String {
    let known = format!("the project of this scenario is {project_id}");
    if requested_project(call) == "{project_id}" {
        format!(
            "the client has no project id: give one to its credentials, or a region to its \
             builder so that it asks for one; {known}"
        )
    } else {
        known
    }
}
