//! The latest refusals, newest first, with their diagnosis: for developers of a client's signer.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use super::{Control, json};
use crate::engine::{Answer, FiredFault};
use crate::wire::error::{Diagnosis, Signed};
use crate::wire::{Problem, Request};
use crate::world::time::Timestamp;

/// Maximum number of refusals that are kept.
const MAX_REFUSALS: usize = 200;
/// Maximum size of all texts that are kept (bytes). The oldest refusals make room.
const MAX_BYTES: usize = 4 << 20;
/// Maximum size of one text (bytes). A longer one is cut, and says so.
const MAX_TEXT: usize = 16 << 10;

/// Only refused requests take this lock, so successful ones never wait.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// Newest first. Shared, so that a reader does not copy them under the lock.
    records: VecDeque<Arc<RefusalRecord>>,
    bytes: usize,
}

impl Kept {
    fn add(&mut self, record: RefusalRecord) {
        self.bytes += record.bytes();
        self.records.push_front(Arc::new(record));
        // One record is far below the maximum.
        while self.records.len() > MAX_REFUSALS || self.bytes > MAX_BYTES {
            let Some(oldest) = self.records.pop_back() else { return };
            self.bytes -= oldest.bytes();
        }
    }
}

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

impl From<&Signed> for Shown {
    fn from(Signed { string_to_sign, canonical_request }: &Signed) -> Self {
        Self { canonical_request: cut(canonical_request), string_to_sign: cut(string_to_sign) }
    }
}

impl From<&Diagnosis> for DiagnosisRecord {
    fn from(diagnosis: &Diagnosis) -> Self {
        Self {
            cause: diagnosis.cause,
            detail: cut(&diagnosis.detail),
            first_difference: diagnosis.first_difference.as_deref().map(cut),
            server: (&diagnosis.signed).into(),
            client: diagnosis.client.as_ref().map(Shown::from),
        }
    }
}

impl Shown {
    fn bytes(&self) -> usize {
        self.canonical_request.len() + self.string_to_sign.len()
    }
}

impl RefusalRecord {
    /// The size of its texts.
    fn bytes(&self) -> usize {
        let own = [&self.at, &self.method, &self.path, &self.code, &self.request_id];
        let own: usize = own.into_iter().chain(&self.hint).map(String::len).sum();
        let diagnosis = self.diagnosis.as_ref().map_or(0, |diagnosis| {
            diagnosis.detail.len()
                + diagnosis.first_difference.as_ref().map_or(0, String::len)
                + diagnosis.server.bytes()
                + diagnosis.client.as_ref().map_or(0, Shown::bytes)
        });
        own + diagnosis
    }
}

/// The text, or its beginning and a mark if it is too long.
fn cut(text: &str) -> String {
    if text.len() <= MAX_TEXT {
        return text.to_owned();
    }
    let end = (0..=MAX_TEXT).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    format!("{}… (cut: {} bytes)", &text[..end], text.len())
}

impl Refusals {
    /// Records the answer if it is a refusal.
    pub(crate) fn note(&self, request: &Request, answer: &Answer, now: Timestamp) {
        let Some(refused) = &answer.refused else { return };
        let refusal = RefusalRecord {
            at: now.iso_millis(),
            method: cut(request.method().as_str()),
            path: cut(request.uri().path()),
            service: answer.operation.map(|operation| operation.service().name()),
            operation: answer.operation.map(|operation| operation.name()),
            status: answer.reply.status().as_u16(),
            code: cut(&refused.code),
            request_id: refused.request_id.clone(),
            fault: answer.fault.as_ref().map(FiredFault::label),
            hint: refused.hint.as_deref().map(cut),
            diagnosis: refused.diagnosis.as_deref().map(DiagnosisRecord::from),
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).add(refusal);
    }

    pub(crate) fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Kept::default();
    }
}

#[derive(Serialize)]
struct Answered<'k> {
    refusals: Vec<&'k RefusalRecord>,
}

pub(crate) fn show(control: &Control, _: &Request) -> Result<Vec<u8>, Problem> {
    let kept = control.refusals.0.lock().unwrap_or_else(PoisonError::into_inner);
    let records = kept.records.clone();
    drop(kept);
    json(&Answered { refusals: records.iter().map(Arc::as_ref).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::RefusedRequest;
    use crate::wire::Reply;

    fn note(refusals: &Refusals, texts: &str) {
        let shown = || Signed { string_to_sign: texts.into(), canonical_request: texts.into() };
        let diagnosis = Diagnosis {
            detail: texts.into(),
            signed: shown(),
            client: Some(shown()),
            first_difference: Some(texts.into()),
            ..Diagnosis::default()
        };
        let refused = RefusedRequest {
            code: texts.into(),
            request_id: "id".into(),
            hint: Some(texts.into()),
            diagnosis: Some(diagnosis.into()),
        };
        let answer = Answer { refused: Some(refused), ..Answer::other(Reply::default()) };
        refusals.note(&Request::default(), &answer, Timestamp::from_millis(0));
    }

    #[test]
    fn refusals_are_bounded_in_number_and_in_bytes() {
        let kept = |texts: &str| {
            let refusals = Refusals::default();
            (0..MAX_REFUSALS + 9).for_each(|_| note(&refusals, texts));
            let kept = refusals.0.into_inner().expect("nobody panicked");
            let size: usize = kept.records.iter().map(|record| record.bytes()).sum();
            assert_eq!(kept.bytes, size);
            (kept.records.len(), size)
        };
        assert_eq!(kept("short").0, MAX_REFUSALS);
        let (number, bytes) = kept(&"long ".repeat(1 << 20));
        assert!(number > 9 && number < MAX_REFUSALS, "{number}");
        assert!(bytes > MAX_BYTES / 2 && bytes <= MAX_BYTES, "{bytes}");
    }

    #[test]
    fn a_text_that_is_cut_says_so_and_stays_text() {
        let long = "é".repeat(MAX_TEXT);
        let shown = cut(&format!("x{long}"));
        assert!(shown.starts_with("xé") && shown.ends_with("é… (cut: 32769 bytes)"));
        assert_eq!(cut("short"), "short");
    }
}
