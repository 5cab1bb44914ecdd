//! Recognising an operation, by method and path or by action and version.

use http::Method;
use percent_encoding::percent_decode_str;

use super::call::{RequestContext, RoutedCall};
use super::registry::OperationRef;
use super::service::Route;
use crate::wire::error::{ApiError, Reason};
use crate::wire::{Arguments, nearest, nearest_pair};

/// Routes by method and path, which is all that REST gateways look at.
///
/// # Errors
/// If no operation has the path, or none with this method, or a parameter cannot be decoded.
pub(crate) fn route_by_path<'a>(
    context: &'a RequestContext<'a>,
    operations: &[OperationRef],
) -> Result<RoutedCall<'a>, ApiError> {
    let request = context.request;
    let path = request.uri().path();
    let mut allowed = Vec::new();
    for &operation in operations {
        let Route::Path { method, .. } = &operation.info().route else { continue };
        let Some(values) = operation.info().route.path_values(path) else { continue };
        if method != request.method() {
            allowed.push(method.as_str());
            continue;
        }
        let sent = context.arguments()?;
        let mut arguments = Arguments::default();
        for (name, encoded) in values {
            let value = percent_decode_str(encoded)
                .decode_utf8()
                .map_err(|_| ApiError::from(Reason::Undecodable))?;
            arguments.push(name, value);
        }
        // The first of a name counts, so that no query can replace a value of the path.
        arguments.append(sent);
        return Ok(RoutedCall::new(context, operation, arguments));
    }
    if !allowed.is_empty() {
        let hint = format!("this path is called with {}", allowed.join(" or "));
        return Err(ApiError::from(Reason::WrongMethod).hint(hint));
    }
    Err(ApiError::from(Reason::UnknownOperation).hint(hint_for_path(
        request.method(),
        path,
        operations,
    )))
}

/// The most segments that a path may have more, or less, than a template that it is compared with.
const SEGMENTS_APART: usize = 2;

/// Compares with each template. Where a template has a parameter, whatever the path has there is
/// alike, and however long it is, it is not looked at.
///
/// A route with the method of the request is meant rather than one with another that is only a
/// little more like it.
fn hint_for_path(method: &Method, path: &str, operations: &[OperationRef]) -> String {
    let routes = operations.iter().filter_map(|operation| match &operation.info().route {
        route @ Route::Path { method, template } => Some((method, *template, route)),
        Route::Action { .. } => None,
    });
    let same = routes.clone().filter(|(own, ..)| *own == method);
    let same = nearest_route(path, same.map(|(_, template, route)| (template, route)));
    let any = nearest_route(path, routes.map(|(_, template, route)| (template, route)));
    match (same, any) {
        (Some((same, route)), Some((any, _))) if same + 0.1 >= any => {
            format!("did you mean {route}?")
        }
        (_, Some((_, route))) => format!("did you mean {route}?"),
        (_, None) => "syncmock operations lists the paths that are impersonated".into(),
    }
}

fn nearest_route<'r>(
    path: &str,
    routes: impl Iterator<Item = (&'static str, &'r Route)>,
) -> Option<(f64, &'r Route)> {
    let count = path.split('/').count();
    let near = routes
        .filter(|(template, _)| template.split('/').count().abs_diff(count) <= SEGMENTS_APART);
    let pairs = near.map(|(template, route)| {
        let mut parameters = template.split('/').map(|segment| segment.starts_with('{'));
        let given = path.split('/').map(|segment| match parameters.next() {
            Some(true) => "{}",
            _ => segment,
        });
        let given = given.collect::<Vec<_>>().join("/");
        let segment = |segment: &'static str| if segment.starts_with('{') { "{}" } else { segment };
        (given, template.split('/').map(segment).collect::<Vec<_>>().join("/"), route)
    });
    nearest_pair(pairs)
}

/// Routes by action and version: the operation, and the methods it may be called with.
///
/// # Errors
/// If there is no such action, or only in another version.
pub(crate) fn route_by_action(
    operations: &[OperationRef],
    version: &str,
    action: &str,
) -> Result<(OperationRef, &'static [Method]), ApiError> {
    let version_of = |operation: &OperationRef| match operation.info().route {
        Route::Action { version, methods } => Some((version, methods)),
        Route::Path { .. } => None,
    };
    let named = || operations.iter().filter(|operation| operation.name() == action);
    for operation in named() {
        if let Some((v, methods)) = version_of(operation)
            && v == version
        {
            return Ok((*operation, methods));
        }
    }
    if let Some((right, _)) = named().next().and_then(version_of) {
        let has_version =
            |operation: &OperationRef| version_of(operation).is_some_and(|(v, _)| v == version);
        let reason = match operations.iter().any(has_version) {
            true => Reason::UnknownOperation,
            false => Reason::UnknownVersion,
        };
        return Err(ApiError::from(reason).hint(format!("did you mean Version={right}?")));
    }
    let error = ApiError::from(Reason::UnknownOperation);
    Err(match nearest(action, operations.iter().map(|operation| operation.name())) {
        Some(name) => error.hint(format!("did you mean Action={name}?")),
        None => error.hint("syncmock operations lists the actions that are impersonated"),
    })
}
