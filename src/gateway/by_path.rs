//! Recognition by method and path, which is all that REST gateways look at.

use percent_encoding::percent_decode_str;

use super::exchange::{Call, Exchange};
use super::{Gateway, nearest::nearest};
use crate::service::{Route, targets};
use crate::wire::Arguments;
use crate::wire::refusal::{Reason, Refusal};

pub fn by_path<'a>(exchange: &'a Exchange<'a>, gateway: Gateway) -> Result<Call<'a>, Refusal> {
    let request = exchange.request;
    let path = request.uri().path();
    let mut allowed = Vec::new();
    for target in targets(gateway) {
        let Route::Path { method, .. } = &target.operation.route else { continue };
        let Some(values) = target.operation.route.path_values(path) else { continue };
        if method != request.method() {
            allowed.push(method.as_str());
            continue;
        }
        let sent = exchange.arguments()?;
        let mut arguments = Arguments::default();
        for (name, encoded) in values {
            let value = percent_decode_str(encoded)
                .decode_utf8()
                .map_err(|_| Refusal::from(Reason::Undecodable))?;
            arguments.push(name, value);
        }
        // The first of a name counts, so that no query can speak for the path.
        arguments.append(sent);
        return Ok(Call { exchange, target, arguments });
    }
    if !allowed.is_empty() {
        let hint = format!("this path is called with {}", allowed.join(" or "));
        return Err(Refusal::from(Reason::WrongMethod).hint(hint));
    }
    Err(Refusal::from(Reason::UnknownOperation).hint(hint_for_path(path, gateway)))
}

/// Compares with each template, the path's own values filled in.
fn hint_for_path(path: &str, gateway: Gateway) -> String {
    let shape = |template: &str| -> String {
        let mut given = path.split('/');
        template
            .split('/')
            .map(|segment| {
                let text = given.next();
                if segment.starts_with('{') { text.unwrap_or(segment) } else { segment }
            })
            .collect::<Vec<_>>()
            .join("/")
    };
    let routes: Vec<(String, String)> = targets(gateway)
        .filter_map(|target| match &target.operation.route {
            Route::Path { template, .. } => {
                Some((shape(template), target.operation.route.to_string()))
            }
            Route::Action { .. } => None,
        })
        .collect();
    let found = nearest(path, routes.iter().map(|(shape, _)| shape.as_str()));
    match routes.iter().find(|(shape, _)| Some(shape.as_str()) == found) {
        Some((_, route)) => format!("did you mean {route}?"),
        None => "syncmock operations lists the paths that are impersonated".into(),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use crate::engine::respond;
    use crate::scenario::{Options, load};
    use crate::wire::Request;
    use crate::world::time::Timestamp;

    #[test]
    fn no_query_can_speak_for_the_path() {
        let now = Timestamp::from_millis(0);
        let loaded = load("test", "version = 1", &Options::default(), now).expect("options");
        let plan = loaded.outcome.expect("no problems");
        let uri = format!("/v5/{}/batch-async-jobs?project_id=other", plan.drs.project_id);
        let request: Request = http::Request::get(uri).body(Bytes::new()).expect("a request");
        assert_eq!(respond(&plan, &request, now).reply.status(), 200);
    }
}
