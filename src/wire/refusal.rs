//! Every "no", before any vendor has given it a status, a code and a wording.

use std::borrow::Cow;

/// Why a request is not granted, and what would help the person who sent it.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    pub reason: Reason,
    /// Never part of the vendor's answer: it goes to the log and the `x-syncmock-hint` header.
    pub hint: Option<String>,
    /// When to come back (ms), where the vendor says it.
    pub retry_after: Option<u64>,
    /// Of a signature or token that did not verify: for the log and `/_syncmock/refusals`.
    pub explanation: Option<Box<Explanation>>,
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
    /// An error that the request asked for itself, to see it.
    Asked(&'static CatalogueEntry),
    /// An error of the service's own catalogue that no other reason stands for, with what
    /// stands in the place of each `{…}`.
    Own(&'static CatalogueEntry, String),
    /// More calls than the scenario allows in a window of time.
    Throttled(Throttle),
    /// At least one; in the order of the operation's parameters.
    Parameters(Vec<Violation>),
    /// An id that names nothing here.
    Unknown {
        thing: Thing,
        id: String,
    },
    /// The thing is not in a state in which this can be done to it.
    WrongState {
        thing: Thing,
        id: String,
        /// As on the wire.
        state: &'static str,
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
    /// A signature method or version that the gateway does not know, or that this server
    /// can not check.
    UnknownMethod,
    /// A date or time stamp that is not in the gateway's format.
    DateFormat,
    /// A date or time stamp too far from the server's clock.
    Skewed {
        sent: String,
        server: String,
    },
    /// No such access key.
    UnknownKey(String),
    InactiveKey,
    ExpiredKey,
    NonceUsed,
    SignatureMismatch(Signed),
    TokenMalformed,
    /// The token is of another access key.
    TokenMismatch,
    TokenExpired {
        at: String,
    },
    /// The token is good, but for another project or region.
    TokenElsewhere,
    /// The credentials are good, but may not call this.
    NotAllowed {
        action: String,
    },
}

/// What the server signed for itself, tokens shortened.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signed {
    pub string_to_sign: String,
    /// Empty where the scheme has none.
    pub canonical_request: String,
}

/// Why credentials did not verify, for the person who writes the client. No secret,
/// signature or token in it is longer than four characters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explanation {
    /// One of the causes that the documentation lists, such as `host-without-port`.
    pub cause: &'static str,
    /// The cause in a sentence.
    pub detail: String,
    /// What the server signed.
    pub signed: Signed,
    /// What the client must have signed, where a cause was found that makes its signature
    /// come out.
    pub client: Option<Signed>,
    /// Where the two part.
    pub first_difference: Option<String>,
}

/// A quota that is used up.
#[derive(Clone, Debug, PartialEq)]
pub struct Throttle {
    pub scope: ThrottleScope,
    pub limit: u64,
    /// ms
    pub window: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThrottleScope {
    /// The calls of one access key.
    User,
    /// The calls of one operation, whoever makes them.
    Api,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    Instance,
    Job,
    Task,
    Project,
    IdentityProvider,
    Application,
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
    /// A value of JSON that is neither true nor false.
    Boolean,
    /// A value of JSON that is not a list.
    List,
    /// A value of JSON that is not an object.
    Object,
    WholeNumber,
    AtLeast(i64),
    AtMost(i64),
    /// At most so many characters.
    Length(usize),
    /// At least so many items of a list.
    FewestItems(usize),
    MostItems(usize),
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

    /// In ms.
    pub fn retry_after(mut self, millis: u64) -> Self {
        self.retry_after = Some(millis);
        self
    }

    pub fn explained(mut self, explanation: Option<Explanation>) -> Self {
        self.explanation = explanation.map(Box::new);
        self
    }

    /// One parameter that breaks one rule.
    pub fn parameter(parameter: &'static str, rule: Rule) -> Self {
        Violation { parameter: parameter.into(), rule }.into()
    }

    /// An error of the service's own catalogue, with `value` in the place of each `{…}`.
    pub fn own(entry: &'static CatalogueEntry, value: impl Into<String>) -> Self {
        Reason::Own(entry, value.into()).into()
    }

    /// Says what would be allowed, too.
    pub fn wrong_state(thing: Thing, id: &str, state: &'static str, allowed: &[&str]) -> Self {
        let hint = format!("it is {state}; this is done to one that is {}", allowed.join(" or "));
        Self::from(Reason::WrongState { thing, id: id.to_owned(), state }).hint(hint)
    }

    pub fn unknown(thing: Thing, id: &str) -> Self {
        Reason::Unknown { thing, id: id.to_owned() }.into()
    }
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self { reason, hint: None, retry_after: None, explanation: None }
    }
}

impl From<Violation> for Refusal {
    fn from(violation: Violation) -> Self {
        Reason::Parameters(vec![violation]).into()
    }
}

/// One error of a vendor, as its pages have it.
#[derive(Debug, PartialEq)]
pub struct CatalogueEntry {
    /// The HTTP status, or for Authing the `statusCode` of the body.
    pub status: u16,
    /// Empty if the vendor gives none; `{Name}` stands for the name of a parameter.
    pub code: &'static str,
    /// `{…}` stands for what depends on the request.
    pub message: &'static str,
    /// Where the vendor has it in Chinese, too.
    pub chinese: Option<&'static str>,
    /// How a request meets it.
    pub provoke: &'static str,
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

    /// The error of that code in the catalogue, with `value` in the place of each `{…}`.
    pub fn of(
        catalogue: &'static [CatalogueEntry],
        code: &'static str,
        chinese: bool,
        value: &str,
    ) -> Self {
        let Some(entry) = catalogue.iter().find(|entry| entry.code == code) else {
            debug_assert!(false, "{code} is not in the catalogue");
            return Self::new(500, code, "");
        };
        Self::from_entry(entry, chinese, value)
    }

    /// The entry's error, with `value` in the place of each `{…}`.
    pub fn from_entry(entry: &'static CatalogueEntry, chinese: bool, value: &str) -> Self {
        let message = entry.chinese.filter(|_| chinese).unwrap_or(entry.message);
        Self::new(entry.status, filled(entry.code, value), filled(message, value))
    }

    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

/// The template with `value` in the place of each `{…}`.
pub fn filled(template: &'static str, value: &str) -> Cow<'static, str> {
    let Some((before, rest)) = template.split_once('{') else { return template.into() };
    let mut out = String::from(before);
    for part in rest.split('{') {
        out.push_str(value);
        out.push_str(part.split_once('}').map_or(part, |(_, after)| after));
    }
    out.into()
}
