//! The latest refusals, newest first, with their diagnosis: for developers of a client's signer.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::{Control, json};
use crate::engine::{Answer, FiredFault};
use crate::wire::error::{Diagnosis, Signed};
use crate::wire::{Problem, Request};
use crate::world::time::Timestamp;

/// Maximum number of refusals that are kept.
const MAX_REFUSALS: usize = 200;

/// Only refused requests take this lock, so successful ones never wait.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<VecDeque<RefusalRecord>>);

/// Never the query, headers or body: they hold keys and signatures.
#[derive(Clone, Debug, Serialize)]
struct RefusalRecord {
    at: String,
    method: String,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'static str>,
    status: u16,
    code: String,
    request_id: String,
    /// `NAME#COUNT` of the fault that fired for the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    #[serde(rename = "explanation", skip_serializing_if = "Option::is_none")]
    diagnosis: Option<DiagnosisRecord>,
}

#[derive(Clone, Debug, Serialize)]
struct DiagnosisRecord {
    cause: &'static str,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_difference: Option<String>,
    server: Shown,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<Shown>,
}

#[derive(Clone, Debug, Serialize)]
struct Shown {
    #[serde(skip_serializing_if = "String::is_empty")]
    canonical_request: String,
    string_to_sign: String,
}

impl From<Signed> for Shown {
    fn from(Signed { string_to_sign, canonical_request }: Signed) -> Self {
        Self { canonical_request, string_to_sign }
    }
}

impl From<Diagnosis> for DiagnosisRecord {
    fn from(diagnosis: Diagnosis) -> Self {
        Self {
            cause: diagnosis.cause,
            detail: diagnosis.detail,
            first_difference: diagnosis.first_difference,
            server: diagnosis.signed.into(),
            client: diagnosis.client.map(Shown::from),
        }
    }
}

impl Refusals {
    /// Records the answer if it is a refusal.
    pub(crate) fn note(&self, request: &Request, answer: &Answer, now: Timestamp) {
        let Some(refused) = &answer.refused else { return };
        let refusal = RefusalRecord {
            at: now.iso_millis(),
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            service: answer.operation.map(|operation| operation.service().name()),
            operation: answer.operation.map(|operation| operation.name()),
            status: answer.reply.status().as_u16(),
            code: refused.code.clone(),
            request_id: refused.request_id.clone(),
            fault: answer.fault.as_ref().map(FiredFault::label),
            hint: refused.hint.clone(),
            diagnosis: refused.diagnosis.as_deref().cloned().map(DiagnosisRecord::from),
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.truncate(MAX_REFUSALS - 1);
        kept.push_front(refusal);
    }

    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[derive(Serialize)]
struct Answered {
    refusals: Vec<RefusalRecord>,
}

pub(crate) fn show(control: &Control, _: &Request) -> Result<Vec<u8>, Problem> {
    let kept = control.refusals.0.lock().unwrap_or_else(PoisonError::into_inner);
    let refusals = kept.iter().cloned().collect();
    drop(kept);
    json(&Answered { refusals })
}
