//! Checks the access keys of the source and destination buckets, and how they are encrypted.
//! Nothing of them is kept.

use crate::wire::JsonObject;
use crate::wire::error::{ApiError, Rule};

/// Maximum length of an AK or SK (vendor's page).
const MAX_KEY_LENGTH: usize = 100;
/// Length of the id of a KMS key (python SDK 3.1.219).
const KMS_KEY_ID_LENGTH: usize = 36;
const CRYPTO_TYPES: &[&str] = &["DEFAULT", "KMS"];

/// Checks the AK and SK of the side `src` or `dst`.
pub(crate) fn check_keys(body: &JsonObject<'_>, side: &str) -> Result<(), ApiError> {
    for name in ["ak", "sk"] {
        body.required(&format!("{side}_{name}"), MAX_KEY_LENGTH)?;
    }
    check_crypto(body, &format!("{side}_"))
}

/// Inferred: KMS needs the id of a key.
pub(crate) fn check_crypto(body: &JsonObject<'_>, prefix: &str) -> Result<(), ApiError> {
    let crypto_type = body.choice(&format!("{prefix}crypto_type"), CRYPTO_TYPES)?;
    let name = format!("{prefix}kms_key_id");
    let length = body.text(&name)?.map_or(0, |id| id.chars().count());
    match (crypto_type, length) {
        (Some("KMS"), 0) => Err(body.refuse(&name, Rule::Required)),
        (_, 0 | KMS_KEY_ID_LENGTH) => Ok(()),
        _ => Err(body
            .refuse(&name, Rule::Length(KMS_KEY_ID_LENGTH))
            .hint(format!("{} has {KMS_KEY_ID_LENGTH} characters", body.path(&name)))),
    }
}
