//! XML as quick-xml writes it, to the byte, for the shapes that answers have: elements with
//! text, structures and maps as elements in elements, a list as its element, repeated. Each
//! element is written where it stands; quick-xml writes its content aside first.
//!
//! `quick_xml::se` is the measure; the tests below hold this to it.

use std::fmt::{Display, Write};

use serde::ser::{
    Error as _, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, Serializer,
};

pub fn write(out: &mut String, root: &str, value: &impl Serialize) -> Result<(), Error> {
    value.serialize(Element { out, tag: root })
}

/// A shape that no answer has: attributes, lists in lists, enumerations with content.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(Box<str>);

impl serde::ser::Error for Error {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string().into())
    }
}

/// Writes a value as an element of that name at the end of the text.
struct Element<'o, 't> {
    out: &'o mut String,
    tag: &'t str,
}

/// An element that is begun.
struct Open<'o, 't> {
    out: &'o mut String,
    tag: &'t str,
    /// Where its content begins.
    content: usize,
    /// Of the member of a map that comes next.
    key: String,
}

/// A list, which has no element of its own.
struct List<'o, 't> {
    out: &'o mut String,
    tag: &'t str,
}

impl<'o, 't> Element<'o, 't> {
    #[inline]
    fn open(self) -> Open<'o, 't> {
        let Self { out, tag } = self;
        out.reserve(tag.len() * 2 + 5);
        out.push('<');
        out.push_str(tag);
        out.push('>');
        let content = out.len();
        Open { out, tag, content, key: String::new() }
    }

    fn shown(self, value: impl Display) -> Result<(), Error> {
        let open = self.open();
        write!(open.out, "{value}").map_err(Error::custom)?;
        open.close();
        Ok(())
    }

    fn whole(self, number: impl itoa::Integer) -> Result<(), Error> {
        let open = self.open();
        open.out.push_str(itoa::Buffer::new().format(number));
        open.close();
        Ok(())
    }
}

impl Open<'_, '_> {
    /// One without content closes itself.
    #[inline]
    fn close(self) {
        if self.out.len() == self.content {
            self.out.truncate(self.content - 1);
            self.out.push_str("/>");
        } else {
            self.out.push_str("</");
            self.out.push_str(self.tag);
            self.out.push('>');
        }
    }
}

fn escape(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '\r']) {
        let (plain, more) = rest.split_at(at);
        out.push_str(plain);
        out.push_str(match more.as_bytes().first() {
            Some(b'&') => "&amp;",
            Some(b'<') => "&lt;",
            Some(b'>') => "&gt;",
            // A reader would make a newline of it.
            _ => "&#13;",
        });
        rest = &more[1..];
    }
    out.push_str(rest);
}

type No = Impossible<(), Error>;

fn no_such<T>(shape: &str) -> Result<T, Error> {
    Err(Error::custom(format_args!("no answer has {shape}")))
}

macro_rules! whole_numbers {
    ($($name:ident: $type:ty),*) => {
        $(fn $name(self, number: $type) -> Result<(), Error> {
            self.whole(number)
        })*
    };
}

impl<'o, 't> Serializer for Element<'o, 't> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = List<'o, 't>;
    type SerializeTuple = No;
    type SerializeTupleStruct = No;
    type SerializeTupleVariant = No;
    type SerializeMap = Open<'o, 't>;
    type SerializeStruct = Open<'o, 't>;
    type SerializeStructVariant = No;

    whole_numbers!(
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64
    );

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.shown(value)
    }

    fn serialize_f32(self, number: f32) -> Result<(), Error> {
        self.shown(number)
    }

    fn serialize_f64(self, number: f64) -> Result<(), Error> {
        self.shown(number)
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        let open = self.open();
        escape(open.out, value);
        open.close();
        Ok(())
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Error> {
        no_such("bytes")
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.open().close();
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Error> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Error> {
        no_such("an enumeration with content")
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'o, 't>, Error> {
        let Self { out, tag } = self;
        Ok(List { out, tag })
    }

    fn serialize_tuple(self, _: usize) -> Result<No, Error> {
        no_such("a tuple")
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<No, Error> {
        no_such("a tuple")
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<No, Error> {
        no_such("an enumeration with content")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Open<'o, 't>, Error> {
        Ok(self.open())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Open<'o, 't>, Error> {
        Ok(self.open())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<No, Error> {
        no_such("an enumeration with content")
    }
}

impl SerializeSeq for List<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(Element { out: self.out, tag: self.tag })
    }

    fn end(self) -> Result<(), Error> {
        Ok(())
    }
}

impl SerializeStruct for Open<'_, '_> {
    type Ok = ();
    type Error = Error;

    #[inline]
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        debug_assert!(!name.starts_with(['@', '$']), "{name} is no name for an element");
        value.serialize(Element { out: self.out, tag: name })
    }

    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}

impl SerializeMap for Open<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.key.clear();
        // An element around the key, to be taken off: keys are names.
        key.serialize(Element { out: &mut self.key, tag: "" })?;
        let name = self.key.strip_prefix("<>").and_then(|key| key.strip_suffix("</>"));
        let is_name = |name: &&str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let Some(name) = name.filter(is_name) else {
            return no_such("an element of such a name");
        };
        self.key = name.to_owned();
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(Element { out: self.out, tag: &self.key })
    }

    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        text: String,
        flag: bool,
        number: i64,
        share: f64,
        maybe: Option<u32>,
        unit: (),
        kind: Kind,
        rows: Vec<Row>,
        names: Vec<String>,
        free: BTreeMap<String, u8>,
        empty: Empty,
    }

    #[derive(Clone, Copy, Debug, Serialize)]
    enum Kind {
        One,
        Two,
    }

    #[derive(Clone, Debug, Serialize)]
    struct Row {
        id: char,
        below: Option<Box<Row>>,
    }

    #[derive(Clone, Copy, Debug, Serialize)]
    struct Empty {}

    fn row() -> impl Strategy<Value = Row> {
        (any::<char>(), proptest::option::of(any::<char>())).prop_map(|(id, below)| Row {
            id,
            below: below.map(|id| Box::new(Row { id, below: None })),
        })
    }

    fn answer() -> impl Strategy<Value = Answer> {
        let scalars = (any::<bool>(), any::<i64>(), -1e9..1e9, any::<Option<u32>>());
        let texts = (any::<String>(), prop::collection::vec("[ <>&a\"'\n\t]{0,4}", 0..4));
        let more = (
            prop::collection::vec(row(), 0..4),
            prop::collection::btree_map("[a-z][a-z0-9]{0,3}", any::<u8>(), 0..3),
            any::<bool>(),
        );
        (scalars, texts, more).prop_map(
            |((flag, number, share, maybe), (text, names), (rows, free, one))| Answer {
                text,
                flag,
                number,
                share,
                maybe,
                unit: (),
                kind: if one { Kind::One } else { Kind::Two },
                rows,
                names,
                free,
                empty: Empty {},
            },
        )
    }

    proptest! {
        #[test]
        fn an_answer_is_what_quick_xml_writes(answer in answer()) {
            let (mut ours, mut theirs) = (String::new(), String::new());
            super::write(&mut ours, "AnswerResponse", &answer).unwrap();
            quick_xml::se::to_writer_with_root(&mut theirs, "AnswerResponse", &answer).unwrap();
            prop_assert_eq!(ours, theirs);
        }
    }

    #[test]
    fn shapes_that_no_answer_has_are_refused() {
        for refused in [
            super::write(&mut String::new(), "A", &(1, 2)),
            super::write(&mut String::new(), "A", &Some(Ok::<u8, u8>(1))),
            super::write(&mut String::new(), "A", &BTreeMap::from([("a b", 1)])),
            super::write(&mut String::new(), "A", &BTreeMap::from([("", 1)])),
        ] {
            assert!(refused.is_err());
        }
    }
}
