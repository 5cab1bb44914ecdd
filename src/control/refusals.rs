//! The latest refusals, newest first, with what is known of why: for those who write a
//! client's signer.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::{Control, Problem, json};
use crate::engine::Answer;
use crate::wire::Request;
use crate::wire::refusal::{Explanation, Signed};
use crate::world::time::Timestamp;

/// So many are kept.
const KEPT: usize = 200;

/// Only refused requests come here, so that the others have nothing to wait for.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<VecDeque<Refusal>>);

/// Never the query, headers or body: they hold keys and signatures.
#[derive(Clone, Debug, Serialize)]
struct Refusal {
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
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Explained>,
}

#[derive(Clone, Debug, Serialize)]
struct Explained {
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

impl From<Explanation> for Explained {
    fn from(explanation: Explanation) -> Self {
        Self {
            cause: explanation.cause,
            detail: explanation.detail,
            first_difference: explanation.first_difference,
            server: explanation.signed.into(),
            client: explanation.client.map(Shown::from),
        }
    }
}

impl Refusals {
    /// Keeps the answer if it is a no.
    pub fn note(&self, request: &Request, answer: &Answer, now: Timestamp) {
        let Some(refused) = &answer.refused else { return };
        let refusal = Refusal {
            at: now.iso_millis(),
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            service: answer.target.map(|target| target.service.name),
            operation: answer.target.map(|target| target.operation.name),
            status: answer.reply.status().as_u16(),
            code: refused.code.clone(),
            request_id: refused.request_id.clone(),
            hint: refused.hint.clone(),
            explanation: refused.explanation.as_deref().cloned().map(Explained::from),
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.truncate(KEPT - 1);
        kept.push_front(refusal);
    }
}

#[derive(Serialize)]
struct Answered {
    refusals: Vec<Refusal>,
}

pub fn show(control: &Control, _: &Request) -> Result<Vec<u8>, Problem> {
    let kept = control.refusals.0.lock().unwrap_or_else(PoisonError::into_inner);
    let refusals = kept.iter().cloned().collect();
    drop(kept);
    json(&Answered { refusals })
}
