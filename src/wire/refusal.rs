//! Every "no", before any vendor has given it a status, a code and a wording.

use std::borrow::Cow;

/// Why a request is not granted, and what would help the person who sent it.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    pub reason: Reason,
    /// Never part of the vendor's answer: it goes to the log and the `x-syncmock-hint` header.
    pub hint: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// Not UTF-8, or otherwise not to be read.
    Undecodable,
    /// A `Format` that is neither JSON nor XML.
    UnknownFormat,
    UnknownVersion,
    /// No such action or path.
    UnknownOperation,
    /// The path or action exists, but not with this method.
    WrongMethod,
    Credentials(CredentialProblem),
    /// At least one; in the order of the operation's parameters.
    Parameters(Vec<Violation>),
    /// An id that names nothing here.
    Unknown {
        thing: Thing,
        id: String,
    },
    Internal,
}

#[derive(Clone, Debug, PartialEq)]
pub enum CredentialProblem {
    /// None were sent.
    Absent,
    /// One part of them is missing.
    Missing(&'static str),
    /// They do not have the form they claim to have.
    Malformed(&'static str),
    /// A signature method or version that the gateway does not know.
    UnknownMethod,
    /// A date or time stamp that is not in the gateway's format.
    DateFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    Instance,
    Job,
    Task,
    Project,
}

/// A parameter that breaks a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    pub parameter: Cow<'static, str>,
    pub rule: Rule,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Rule {
    Required,
    /// A value of JSON that is not text.
    Text,
    Number,
    WholeNumber,
    AtLeast(i64),
    AtMost(i64),
    /// At most so many characters.
    Length(usize),
    Ascii,
    OneOf(&'static [&'static str]),
    JsonArrayOfText,
    /// A token that this server did not hand out, or not for this question.
    Token,
    /// An end that lies before its start.
    NotBefore(&'static str),
}

impl Refusal {
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// One parameter that breaks one rule.
    pub fn parameter(parameter: &'static str, rule: Rule) -> Self {
        Violation { parameter: parameter.into(), rule }.into()
    }

    pub fn unknown(thing: Thing, id: &str) -> Self {
        Reason::Unknown { thing, id: id.to_owned() }.into()
    }
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self { reason, hint: None }
    }
}

impl From<Violation> for Refusal {
    fn from(violation: Violation) -> Self {
        Reason::Parameters(vec![violation]).into()
    }
}

/// A refusal as a vendor says it.
#[derive(Clone, Debug, PartialEq)]
pub struct VendorError {
    /// The HTTP status, or for Authing the `statusCode` of the body.
    pub status: u16,
    /// Empty if the vendor gives none.
    pub code: Cow<'static, str>,
    pub message: Cow<'static, str>,
    /// What a vendor says on top of its message, if it ever does.
    pub detail: Option<Cow<'static, str>>,
}

impl VendorError {
    pub fn new(
        status: u16,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { status, code: code.into(), message: message.into(), detail: None }
    }

    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}
