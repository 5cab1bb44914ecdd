//! Scenario files: text → document → structure checked against the schema → [`Parts`]. Each part
//! is then planned by the room it belongs to. Every step collects all problems it can see.
//!
//! `scenario` reads no files and no clock: text and the machine's time are arguments. It knows no
//! service by name: what a vendor or a service adds to the file is a [`Section`].

pub(crate) mod access;
pub(crate) mod base;
pub(crate) mod catalog;
mod digest;
pub(crate) mod document;
pub(crate) mod failure_messages;
mod json_document;
pub(crate) mod paging;
pub(crate) mod path_weights;
pub(crate) mod population;
pub(crate) mod prescribed_path;
pub(crate) mod problem;
pub(crate) mod reference;
pub(crate) mod report;
mod salvage;
mod secret_texts;
mod section;
mod shipped;
pub(crate) mod spread;
pub(crate) mod structure;
pub(crate) mod value;

pub(crate) use base::Base;
pub(crate) use digest::digests;
pub(crate) use json_document::{InvalidJson, read_json};
pub(crate) use secret_texts::SecretTexts;
pub(crate) use section::{Parts, Section, read, schema};
pub(crate) use shipped::{SHIPPED, shipped};
