//! Fields that the answers of several operations share.

use serde::{Serialize, Serializer};

use super::quirks::SuccessForm;
use super::scenario::DtsPlan;
use super::{DtsCall, DtsResult};

/// The answer in the scenario's encoding. Its rows, if it has any, are the list of that name.
pub(crate) fn render(call: &DtsCall<'_>, list: &str, body: &impl Serialize) -> DtsResult {
    call.render_as(call.plan().quirks.encoding_variant(), list, body)
}

/// `Success` of the legacy operations: documented as a text, the samples show the bare
/// literal. The Dts* operations have a boolean.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Success {
    value: bool,
    form: SuccessForm,
}

impl Success {
    pub(crate) fn new(plan: &DtsPlan, value: bool) -> Self {
        Self { value, form: plan.quirks.success }
    }
}

impl Serialize for Success {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.form {
            SuccessForm::Literal => serializer.serialize_bool(self.value),
            SuccessForm::Text => serializer.collect_str(&self.value),
        }
    }
}

/// An answer of the legacy operations that says only whether it worked (model of
/// alibabacloud-dts20200101 5.11.7).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LegacyOutcomeResponse<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) err_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) err_message: Option<&'a str>,
    pub(crate) request_id: String,
    pub(crate) success: Success,
}

/// The answer of a legacy operation that succeeded.
pub(crate) fn render_success(call: &DtsCall<'_>) -> DtsResult {
    let success = LegacyOutcomeResponse {
        err_code: None,
        err_message: None,
        request_id: call.request_id(),
        success: Success::new(call.plan(), true),
    };
    render(call, "", &success)
}
