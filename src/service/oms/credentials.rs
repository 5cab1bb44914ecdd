//! The keys to the sides of a task, and how they are encrypted: held to the vendor's rules,
//! and forgotten.

use crate::wire::Object;
use crate::wire::refusal::{Refusal, Rule};

/// Of an AK or SK (vendor's page).
const LONGEST_KEY: usize = 100;
/// Of the id of a KMS key (python SDK 3.1.219).
const KMS_KEY_ID: usize = 36;
const CRYPTO_TYPES: &[&str] = &["DEFAULT", "KMS"];

/// The AK and SK of the side `src` or `dst`.
pub fn check(body: &Object<'_>, side: &str) -> Result<(), Refusal> {
    for name in ["ak", "sk"] {
        body.required(&format!("{side}_{name}"), LONGEST_KEY)?;
    }
    check_crypto(body, &format!("{side}_"))
}

/// That KMS goes with the id of a key is inferred.
pub fn check_crypto(body: &Object<'_>, prefix: &str) -> Result<(), Refusal> {
    let crypto_type = body.choice(&format!("{prefix}crypto_type"), CRYPTO_TYPES)?;
    let name = format!("{prefix}kms_key_id");
    let length = body.text(&name)?.map_or(0, |id| id.chars().count());
    match (crypto_type, length) {
        (Some("KMS"), 0) => Err(body.refuse(&name, Rule::Required)),
        (_, 0 | KMS_KEY_ID) => Ok(()),
        _ => Err(body
            .refuse(&name, Rule::Length(KMS_KEY_ID))
            .hint(format!("{} has {KMS_KEY_ID} characters", body.path(&name)))),
    }
}
