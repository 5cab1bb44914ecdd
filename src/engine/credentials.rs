//! The checks of credentials that vendors share. A dialect parses the credentials, runs the checks
//! in its vendor's order, and reports each failure in its vendor's terms.

use subtle::ConstantTimeEq;

use super::call::RoutedCall;
use super::diagnosis::skew_cause;
use crate::scenario::access::{AccessKey, AccessPlan};
use crate::scenario::value::Length;
use crate::wire::error::{ApiError, CredentialProblem, Diagnosis, Reason};
use crate::wire::nearest;
use crate::world::time::Timestamp;

/// No access key has the id.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UnknownKey<'a> {
    pub(crate) id: &'a str,
    /// The key whose secret was sent in the place of its id: the id must not be shown then.
    pub(crate) secret_of: Option<&'a AccessKey>,
    /// The id that was probably meant.
    pub(crate) nearest: Option<&'a str>,
}

/// The access key of that id, with its index in the plan.
pub(crate) fn find_key<'a>(
    access: &'a AccessPlan,
    id: &'a str,
) -> Result<(usize, &'a AccessKey), UnknownKey<'a>> {
    let keys = &access.keys;
    let found = access.key_index(id).and_then(|index| Some((index, keys.get(index)?)));
    found.ok_or_else(|| UnknownKey {
        id,
        secret_of: keys.iter().find(|key| key.secret.is(id)),
        nearest: nearest(id, keys.iter().map(|key| key.id.as_str())),
    })
}

/// The first names of a list, which a scenario can make as long as it likes.
pub(crate) fn listed<'n>(mut names: impl ExactSizeIterator<Item = &'n str>) -> String {
    const SHOWN: usize = 16;
    let shown: Vec<&str> = names.by_ref().take(SHOWN).collect();
    match names.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The session token that was sent is not what the access key needs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SessionTokenError<'a> {
    /// The key has one, but none was sent.
    Missing,
    /// One was sent, but the key has none.
    Unexpected,
    /// It is not the key's own; `owner` is the key that it belongs to, if any.
    Mismatch { owner: Option<&'a AccessKey> },
}

/// A temporary key comes with its session token, another key with none.
pub(crate) fn check_session_token<'a>(
    call: &RoutedCall<'a>,
    key: &AccessKey,
    sent: Option<&str>,
) -> Result<(), SessionTokenError<'a>> {
    match (&key.session_token, sent) {
        (None, None) => Ok(()),
        (Some(token), Some(sent)) if token.is(sent) => Ok(()),
        (Some(_), None) => Err(SessionTokenError::Missing),
        (None, Some(_)) => Err(SessionTokenError::Unexpected),
        (Some(_), Some(sent)) => {
            let owner = find_session_token(call, sent).map(|(_, owner)| owner);
            Err(SessionTokenError::Mismatch { owner })
        }
    }
}

/// The access key that has that session token, with its index in the plan.
pub(crate) fn find_session_token<'a>(
    call: &RoutedCall<'a>,
    token: &str,
) -> Option<(usize, &'a AccessKey)> {
    let has_it = |key: &AccessKey| key.session_token.as_ref().is_some_and(|own| own.is(token));
    let keys = &call.context.plan.access.keys;
    keys.iter().enumerate().find(|(_, key)| has_it(key))
}

/// The date of a request is too far from the virtual clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClockSkew {
    pub(crate) sent: Timestamp,
    pub(crate) server: Timestamp,
    /// ms
    pub(crate) limit: u64,
    /// `clock-skew` or `local-time-as-utc`.
    pub(crate) cause: &'static str,
}

impl ClockSkew {
    /// What the scenario can do about it, for the end of a message.
    pub(crate) fn remedy(&self) -> String {
        let limit = Length(self.limit);
        format!("the scenario's gateway.clock_skew is {limit}; \"any\" does not check dates")
    }
}

/// The date of a request may differ from the virtual clock by `gateway.clock_skew`.
pub(crate) fn check_clock(call: &RoutedCall<'_>, sent: Timestamp) -> Result<(), ClockSkew> {
    let server = call.context.now;
    let (at, now) = (sent.millis(), server.millis());
    match call.context.plan.access.clock_skew {
        Some(limit) if at.abs_diff(now) > limit => {
            Err(ClockSkew { sent, server, limit, cause: skew_cause(at, now) })
        }
        _ => Ok(()),
    }
}

/// The access key has used the nonce before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NonceUsed;

/// Whether the nonce is still unused: checked before the signature, and without using it up.
pub(crate) fn check_nonce(call: &RoutedCall<'_>, key: usize, nonce: &str) -> Result<(), NonceUsed> {
    let context = call.context;
    let window = context.plan.access.nonce_window;
    let is_used = context.store.knows_nonce(key, nonce, context.now, window);
    if is_used { Err(NonceUsed) } else { Ok(()) }
}

/// Uses the nonce up: the last step, once the credentials are known to be right. It fails if
/// another request with the nonce was faster.
pub(crate) fn use_nonce(call: &RoutedCall<'_>, key: usize, nonce: &str) -> Result<(), NonceUsed> {
    let is_first = call.context.keep_nonce(key, nonce, call.context.plan.access.nonce_window);
    if is_first { Ok(()) } else { Err(NonceUsed) }
}

/// Constant-time comparison; an empty signature is never right.
pub(crate) fn is_same_signature(expected: &str, sent: &str) -> bool {
    !expected.is_empty() && bool::from(expected.as_bytes().ct_eq(sent.as_bytes()))
}

/// An error without a diagnosis.
pub(crate) fn credential_error(problem: CredentialProblem) -> ApiError {
    Reason::Credentials(problem).into()
}

/// An error with a diagnosis. Its hint is made of the diagnosis: the cause and the detail.
pub(crate) fn diagnosed_error(
    problem: CredentialProblem,
    cause: &'static str,
    detail: String,
) -> ApiError {
    with_diagnosis(problem, Diagnosis { cause, detail, ..Diagnosis::default() })
}

/// The error of a signature that is not the expected one.
pub(crate) fn signature_mismatch(diagnosis: Diagnosis) -> ApiError {
    with_diagnosis(CredentialProblem::SignatureMismatch(diagnosis.signed.clone()), diagnosis)
}

fn with_diagnosis(problem: CredentialProblem, diagnosis: Diagnosis) -> ApiError {
    let hint = format!("{}: {}", diagnosis.cause, diagnosis.detail);
    credential_error(problem).hint(hint).diagnosed(Some(diagnosis))
}
