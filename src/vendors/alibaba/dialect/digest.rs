//! The hashes and message authentication codes of both generations of signatures.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::Hmac;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use sm3::Sm3;

use crate::wire::digest::{hex, mac};

/// The algorithms of V3. SM3 is in the SDKs' code only, never seen on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Sha256,
    Sm3,
}

impl Algorithm {
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "ACS3-HMAC-SHA256" => Some(Self::Sha256),
            "ACS3-HMAC-SM3" => Some(Self::Sm3),
            _ => None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "ACS3-HMAC-SHA256",
            Self::Sm3 => "ACS3-HMAC-SM3",
        }
    }

    /// Lower-case hexadecimal.
    pub(crate) fn hash(self, bytes: &[u8]) -> String {
        match self {
            Self::Sha256 => hex(&Sha256::digest(bytes)),
            Self::Sm3 => hex(&Sm3::digest(bytes)),
        }
    }

    fn mac(self, key: &str, text: &str) -> Vec<u8> {
        match self {
            Self::Sha256 => mac::<Hmac<Sha256>>(key.as_bytes(), text.as_bytes()),
            Self::Sm3 => mac::<Hmac<Sm3>>(key.as_bytes(), text.as_bytes()),
        }
    }

    pub(crate) fn hex_mac(self, key: &str, text: &str) -> String {
        hex(&self.mac(key, text))
    }

    pub(crate) fn base64_mac(self, key: &str, text: &str) -> String {
        STANDARD.encode(self.mac(key, text))
    }
}

pub(crate) fn base64_sha1_mac(key: &str, text: &str) -> String {
    STANDARD.encode(sha1_mac(key, text))
}

pub(crate) fn hex_sha1_mac(key: &str, text: &str) -> String {
    hex(&sha1_mac(key, text))
}

fn sha1_mac(key: &str, text: &str) -> Vec<u8> {
    mac::<Hmac<Sha1>>(key.as_bytes(), text.as_bytes())
}
