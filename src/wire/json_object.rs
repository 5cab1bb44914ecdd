//! The JSON object in a request's body, read member by member. `null` counts as not sent. A
//! refusal names the member by its path, such as `jobs[0].base_info.name`.

use serde_json::{Map, Value};

use super::Request;
use super::error::{ApiError, Rule, Violation};

#[derive(Clone, Debug)]
pub(crate) struct JsonObject<'v> {
    members: &'v Map<String, Value>,
    /// The path of this object, with a dot at its end; empty for the body itself.
    path: String,
}

/// The body, if it is a JSON object; an empty body counts as an empty one.
///
/// # Errors
/// A violation of `body`, with where it stops being JSON.
pub(crate) fn body(request: &Request) -> Result<Map<String, Value>, ApiError> {
    let bad = |hint: String| ApiError::parameter("body", Rule::Object).hint(hint);
    if request.body().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(request.body()) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(bad("the body is JSON, but not an object".into())),
        // The error's text says where, not what: no secret gets into a hint.
        Err(error) => Err(bad(format!(
            "the body is not JSON at line {}, column {}",
            error.line(),
            error.column()
        ))),
    }
}

impl<'v> JsonObject<'v> {
    pub(crate) fn new(members: &'v Map<String, Value>) -> Self {
        Self { members, path: String::new() }
    }

    /// The path of a member, for a refusal.
    pub(crate) fn path(&self, name: &str) -> String {
        format!("{}{name}", self.path)
    }

    pub(crate) fn refuse(&self, name: &str, rule: Rule) -> ApiError {
        Violation { parameter: self.path(name).into(), rule }.into()
    }

    /// The member, unless it is `null`.
    pub(crate) fn get(&self, name: &str) -> Option<&'v Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<&'v str>, ApiError> {
        let text = |value: &'v Value| value.as_str().ok_or_else(|| self.refuse(name, Rule::Text));
        self.get(name).map(text).transpose()
    }

    /// A text of at most `most` characters.
    pub(crate) fn short(&self, name: &str, most: usize) -> Result<Option<&'v str>, ApiError> {
        match self.text(name)? {
            Some(text) if text.chars().count() > most => Err(self.refuse(name, Rule::Length(most))),
            text => Ok(text),
        }
    }

    /// Text that must be there and not be empty.
    pub(crate) fn required(&self, name: &str, most: usize) -> Result<&'v str, ApiError> {
        let text = self.short(name, most)?.filter(|text| !text.is_empty());
        text.ok_or_else(|| self.refuse(name, Rule::Required))
    }

    pub(crate) fn one_of(
        &self,
        name: &str,
        values: &'static [&'static str],
    ) -> Result<Option<&'v str>, ApiError> {
        match self.text(name)? {
            Some(text) if !values.contains(&text) => Err(self
                .refuse(name, Rule::OneOf(values))
                .hint(format!("{} is one of {}", self.path(name), values.join(", ")))),
            text => Ok(text),
        }
    }

    /// One of the values; an empty one counts as not sent.
    pub(crate) fn choice(
        &self,
        name: &str,
        values: &'static [&'static str],
    ) -> Result<Option<&'v str>, ApiError> {
        if self.text(name)? == Some("") { Ok(None) } else { self.one_of(name, values) }
    }

    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        let flag = |value: &Value| value.as_bool().ok_or_else(|| self.refuse(name, Rule::Boolean));
        self.get(name).map(flag).transpose()
    }

    pub(crate) fn object(&self, name: &str) -> Result<Option<Self>, ApiError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let members = value.as_object().ok_or_else(|| self.refuse(name, Rule::Object))?;
        Ok(Some(Self { members, path: format!("{}.", self.path(name)) }))
    }

    /// A list of objects; empty if it was not sent.
    pub(crate) fn objects(&self, name: &str) -> Result<Vec<Self>, ApiError> {
        let item = |(i, value): (usize, &'v Value)| {
            let path = self.path(&format!("{name}[{i}]"));
            match value.as_object() {
                Some(members) => Ok(Self { members, path: format!("{path}.") }),
                None => Err(Violation { parameter: path.into(), rule: Rule::Object }.into()),
            }
        };
        self.list(name)?.iter().enumerate().map(item).collect()
    }

    /// A list of texts; empty if it was not sent.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<&'v str>, ApiError> {
        let item = |(i, value): (usize, &'v Value)| {
            value.as_str().ok_or_else(|| self.refuse(&format!("{name}[{i}]"), Rule::Text))
        };
        self.list(name)?.iter().enumerate().map(item).collect()
    }

    /// Whatever the list holds; empty if it was not sent.
    pub(crate) fn list(&self, name: &str) -> Result<&'v [Value], ApiError> {
        let Some(value) = self.get(name) else { return Ok(&[]) };
        let list = value.as_array().map(Vec::as_slice);
        list.ok_or_else(|| self.refuse(name, Rule::List))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::error::Reason;
    use bytes::Bytes;

    fn sent(text: &str) -> Result<Map<String, Value>, ApiError> {
        body(&Request::new(Bytes::from(text.to_owned())))
    }

    fn broken<T: std::fmt::Debug>(outcome: Result<T, ApiError>) -> (String, Rule) {
        match outcome.expect_err("a refusal").reason {
            Reason::Parameters(mut violations) => {
                let violation = violations.remove(0);
                (violation.parameter.into_owned(), violation.rule)
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn members_are_named_by_their_path() {
        let members = sent(r#"{"jobs": [{"base": {"name": 7, "none": null}}, 8]}"#).expect("JSON");
        let object = JsonObject::new(&members);
        let path = "jobs[1]".to_owned();
        assert_eq!(broken(object.objects("jobs")), (path, Rule::Object));
        let members = sent(r#"{"jobs": [{"base": {"name": 7, "none": null}}]}"#).expect("JSON");
        let jobs = JsonObject::new(&members).objects("jobs").expect("objects");
        let base = jobs[0].object("base").expect("an object").expect("there");
        assert_eq!(broken(base.text("name")), ("jobs[0].base.name".into(), Rule::Text));
        assert_eq!(broken(base.required("none", 9)), ("jobs[0].base.none".into(), Rule::Required));
        assert_eq!(base.flag("absent"), Ok(None));
    }

    #[test]
    fn what_is_not_an_object_is_refused_without_showing_it() {
        assert_eq!(sent("").map(|members| members.len()), Ok(0));
        assert_eq!(broken(sent("[]")).0, "body");
        let refusal = sent(r#"{"src_sk": "verysecret"#).expect_err("half of it");
        assert!(!format!("{refusal:?}").contains("verysecret"));
    }
}
