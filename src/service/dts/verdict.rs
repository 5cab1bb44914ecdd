//! What all answers say of themselves, and refusals in their soft form: with status 200,
//! `Success` false and `ErrCode`, which SDKs do not raise.

use serde::{Serialize, Serializer};

use super::errors;
use super::quirks::{ErrorForm, SuccessForm};
use super::scenario::Plan;
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::refusal::{Reason, Refusal, VendorError};

/// An answer as the scenario spells it. Its rows are the list of that name, if it has some.
pub fn render(call: &Admitted<'_>, list: &str, body: &impl Serialize) -> Result<Granted, Refusal> {
    call.render_as(call.plan().dts.quirks.wire(), list, body)
}

/// `Success` of the legacy operations: documented as a text, the samples show the bare
/// literal. The Dts* operations have a boolean.
#[derive(Clone, Copy, Debug)]
pub struct Success {
    yes: bool,
    form: SuccessForm,
}

impl Success {
    pub fn new(plan: &Plan, yes: bool) -> Self {
        Self { yes, form: plan.quirks.success }
    }
}

impl Serialize for Success {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.form {
            SuccessForm::Literal => serializer.serialize_bool(self.yes),
            SuccessForm::Text => serializer.collect_str(&self.yes),
        }
    }
}

/// An answer of the legacy operations that says nothing but whether it worked (model of
/// alibabacloud-dts20200101 5.11.7).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Verdict<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    err_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    err_message: Option<&'a str>,
    request_id: String,
    success: Success,
}

impl Verdict<'_> {
    pub fn granted(call: &Admitted<'_>) -> Self {
        Self {
            err_code: None,
            err_message: None,
            request_id: call.exchange().alibaba_id(),
            success: Success::new(&call.plan().dts, true),
        }
    }
}

/// The outcome of a legacy operation, refused in the form that the scenario wants.
pub fn legacy(call: &Admitted<'_>, outcome: Result<Granted, Refusal>) -> Result<Granted, Refusal> {
    outcome.or_else(|refusal| {
        let Some(error) = soft(call, &refusal.reason) else { return Err(refusal) };
        render(
            call,
            "",
            &Verdict {
                err_code: Some(&error.code),
                err_message: Some(&error.message),
                success: Success::new(&call.plan().dts, false),
                ..Verdict::granted(call)
            },
        )
    })
}

/// The Dts* operations leave `%s` in their message, and say apart what stands for it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ModernRefusal<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    dynamic_message: Option<&'a str>,
    err_code: &'a str,
    err_message: &'a str,
    http_status_code: u16,
    request_id: String,
    success: bool,
}

/// The outcome of a Dts* operation, refused in the form that the scenario wants.
pub fn modern(call: &Admitted<'_>, outcome: Result<Granted, Refusal>) -> Result<Granted, Refusal> {
    outcome.or_else(|refusal| {
        let Some(error) = soft(call, &refusal.reason) else { return Err(refusal) };
        let parameter = match &refusal.reason {
            Reason::Parameters(violations) => violations.first().map(|v| &*v.parameter),
            _ => None,
        };
        let message = match parameter {
            Some(name) => error.message.replacen(name, "%s", 1),
            None => error.message.into_owned(),
        };
        render(
            call,
            "",
            &ModernRefusal {
                dynamic_message: parameter,
                err_code: &error.code,
                err_message: &message,
                http_status_code: error.status,
                request_id: call.exchange().alibaba_id(),
                success: false,
            },
        )
    })
}

fn soft(call: &Admitted<'_>, reason: &Reason) -> Option<VendorError> {
    let soft = call.plan().dts.quirks.form_of(reason) == ErrorForm::Soft;
    soft.then(|| errors::said(call.exchange(), reason))
}
