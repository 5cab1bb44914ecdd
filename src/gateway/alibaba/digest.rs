//! The hashes and message authentication codes of both generations of signatures.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use sm3::Sm3;

use crate::gateway::mac::{self, hex};

/// What V3 hashes and signs with. SM3 is the vendor's code only, never seen on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    Sha256,
    Sm3,
}

impl Algorithm {
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "ACS3-HMAC-SHA256" => Some(Self::Sha256),
            "ACS3-HMAC-SM3" => Some(Self::Sm3),
            _ => None,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "ACS3-HMAC-SHA256",
            Self::Sm3 => "ACS3-HMAC-SM3",
        }
    }

    /// Lower-case hexadecimal.
    pub fn hash(self, bytes: &[u8]) -> String {
        match self {
            Self::Sha256 => hex(&Sha256::digest(bytes)),
            Self::Sm3 => hex(&Sm3::digest(bytes)),
        }
    }

    fn mac(self, key: &str, text: &str) -> Vec<u8> {
        match self {
            Self::Sha256 => mac::<Hmac<Sha256>>(key, text),
            Self::Sm3 => mac::<Hmac<Sm3>>(key, text),
        }
    }

    pub fn hex_mac(self, key: &str, text: &str) -> String {
        hex(&self.mac(key, text))
    }

    pub fn base64_mac(self, key: &str, text: &str) -> String {
        STANDARD.encode(self.mac(key, text))
    }
}

pub fn base64_sha1_mac(key: &str, text: &str) -> String {
    STANDARD.encode(mac::<Hmac<Sha1>>(key, text))
}

pub fn hex_sha1_mac(key: &str, text: &str) -> String {
    hex(&mac::<Hmac<Sha1>>(key, text))
}

/// Were a key ever refused, the empty code equals no signature.
fn mac<M: Mac + KeyInit>(key: &str, text: &str) -> Vec<u8> {
    mac::mac::<M>(key.as_bytes(), text.as_bytes()).unwrap_or_default()
}
