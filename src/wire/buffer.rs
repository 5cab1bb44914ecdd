//! Writing to the end of a buffer, shared by JSON and XML.

use std::mem::take;

/// The methods of a serializer that are the same in both formats: whole numbers go to the buffer in
/// its field `$out`, with the result `$done`; wrapper types are written as the value inside.
macro_rules! alike {
    ($out:tt, $done:expr) => {
        $crate::wire::buffer::alike!($out, $done,
            serialize_i8: i8, put_signed(i64);
            serialize_i16: i16, put_signed(i64);
            serialize_i32: i32, put_signed(i64);
            serialize_i64: i64, put_signed(i64);
            serialize_u8: u8, put_unsigned(u64);
            serialize_u16: u16, put_unsigned(u64);
            serialize_u32: u32, put_unsigned(u64);
            serialize_u64: u64, put_unsigned(u64);
        );

        fn serialize_char(self, value: char) -> Result<Self::Ok, Self::Error> {
            self.serialize_str(value.encode_utf8(&mut [0; 4]))
        }

        fn serialize_none(self) -> Result<Self::Ok, Self::Error> {
            self.serialize_unit()
        }

        fn serialize_some<T: Serialize + ?Sized>(
            self,
            value: &T,
        ) -> Result<Self::Ok, Self::Error> {
            value.serialize(self)
        }

        fn serialize_unit_struct(self, _: &'static str) -> Result<Self::Ok, Self::Error> {
            self.serialize_unit()
        }

        fn serialize_unit_variant(
            self,
            _: &'static str,
            _: u32,
            variant: &'static str,
        ) -> Result<Self::Ok, Self::Error> {
            self.serialize_str(variant)
        }

        fn serialize_newtype_struct<T: Serialize + ?Sized>(
            self,
            _: &'static str,
            value: &T,
        ) -> Result<Self::Ok, Self::Error> {
            value.serialize(self)
        }
    };
    ($out:tt, $done:expr, $($name:ident: $type:ty, $put:ident($as:ty);)*) => {
        $(#[inline]
        fn $name(self, number: $type) -> Result<Self::Ok, Self::Error> {
            $crate::wire::digits::$put(self.$out, <$as>::from(number));
            Ok($done)
        })*
    };
}
pub(crate) use alike;

/// The name of a field is known when this is compiled, as long as it is part of what derives
/// call: then all is one copy of a fixed size.
#[inline(always)]
pub(crate) fn put_name<const B: usize, const A: usize>(
    out: &mut Vec<u8>,
    before: &[u8; B],
    name: &str,
    after: &[u8; A],
) {
    let mut all = [0; 64];
    let (end, length) = (B + name.len(), B + name.len() + A);
    if let (true, Some(within)) = (length <= 64, all.get_mut(B..end)) {
        within.copy_from_slice(name.as_bytes());
        all[..B].copy_from_slice(before);
        all[end..length].copy_from_slice(after);
        out.extend_from_slice(&all[..length]);
    } else {
        for part in [&before[..], name.as_bytes(), after] {
            out.extend_from_slice(part);
        }
    }
}

/// Whether all bytes are such. Eight are looked at before the first that is not ends it: the
/// processor looks at as many at once.
#[inline]
pub(crate) fn all_such(bytes: &[u8], is_such: impl Fn(u8) -> bool) -> bool {
    let all = |word: &[u8; 8]| word.iter().fold(true, |all, &byte| all & is_such(byte));
    match bytes.last_chunk() {
        Some(last) => all(last) && bytes.as_chunks().0.iter().all(all),
        None => bytes.iter().all(|&byte| is_such(byte)),
    }
}

/// Items of a list that have no room yet.
pub(crate) struct ReserveAfterFirst(pub usize);

/// As much as is asked for without having seen it.
const MAX_RESERVED: usize = 1 << 20;

impl ReserveAfterFirst {
    /// After an item: all are about as long as the first.
    #[inline]
    pub(crate) fn after_item(&mut self, out: &mut Vec<u8>, begins: usize) {
        let others = take(&mut self.0).saturating_mul(out.len() - begins);
        let others = others.min(MAX_RESERVED);
        if out.capacity() - out.len() < others {
            // A reallocation may copy the whole capacity instead of the few bytes in it.
            let mut larger = Vec::with_capacity(out.len() + others);
            larger.extend_from_slice(out);
            *out = larger;
        }
    }
}
