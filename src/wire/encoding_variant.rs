//! Answers encoded in another way than the vendor documents, as some real gateways do.

use serde::Serialize;
use serde_json::Value;

use super::error::{ApiError, Reason};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct EncodingVariant {
    pub(crate) numbers: Numbers,
    pub(crate) empty_list: EmptyList,
    /// XML, though JSON was asked for; nothing else has an effect then.
    pub(crate) always_xml: bool,
}

/// How the numbers of an answer are written in JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Numbers {
    #[default]
    Number,
    /// "42".
    Text,
}

/// How a list without rows is written in JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum EmptyList {
    #[default]
    List,
    Null,
    /// It is left out.
    Absent,
}

impl EncodingVariant {
    pub(crate) fn is_plain(self) -> bool {
        self == Self::default()
    }

    /// The document in this encoding; its rows are the list of that name, at any depth.
    pub(crate) fn apply(self, list: &str, body: &impl Serialize) -> Result<Value, ApiError> {
        let mut body = serde_json::to_value(body).map_err(|_| ApiError::from(Reason::Internal))?;
        self.rewrite(list, &mut body);
        Ok(body)
    }

    fn rewrite(self, list: &str, value: &mut Value) {
        match value {
            Value::Number(number) if self.numbers == Numbers::Text => {
                *value = Value::String(number.to_string());
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.rewrite(list, item)),
            Value::Object(members) => {
                let is_empty = |value: &Value| value.as_array().is_some_and(Vec::is_empty);
                match self.empty_list {
                    EmptyList::Absent if members.get(list).is_some_and(is_empty) => {
                        members.shift_remove(list);
                    }
                    EmptyList::Null => {
                        if let Some(rows) = members.get_mut(list).filter(|rows| is_empty(rows)) {
                            *rows = Value::Null;
                        }
                    }
                    EmptyList::List | EmptyList::Absent => {}
                }
                members.values_mut().for_each(|member| self.rewrite(list, member));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_become_texts_and_an_empty_list_what_was_wished() {
        let body = json!({"n": 1, "in": {"rows": [], "other": [], "deep": [{"n": 2.5}]}});
        let spelt = |numbers, empty_list| {
            let spelling = EncodingVariant { numbers, empty_list, always_xml: false };
            spelling.apply("rows", &body).unwrap().to_string()
        };
        assert_eq!(spelt(Numbers::Number, EmptyList::List), body.to_string());
        assert_eq!(
            spelt(Numbers::Text, EmptyList::Null),
            r#"{"n":"1","in":{"rows":null,"other":[],"deep":[{"n":"2.5"}]}}"#
        );
        assert_eq!(
            spelt(Numbers::Number, EmptyList::Absent),
            r#"{"n":1,"in":{"other":[],"deep":[{"n":2.5}]}}"#
        );
    }
}
