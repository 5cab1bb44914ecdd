//! `SynchronizationJobId`: `dts` and 15 lower-case letters and digits (all samples). Twelve
//! of them are the index, shuffled; three are a checksum, so that an invented id is not taken
//! for one of ours.
//!
//! The task ids of the Dts* operations (`TaskId`, `DtsJobId`) are these without `dts`, for
//! the first forward task of an instance; the others have codes of their own (inferred).

use crate::world::ids::{BASE36, IdCodec, value_of};
use crate::world::text::Text;

const PREFIX: &str = "dts";
const CODE: usize = 12;
const CHECK: usize = 3;
/// 36^3
const CHECKS: u64 = 46_656;

pub(crate) fn write(codec: &IdCodec, index: u64) -> String {
    Text::<18>::default()
        .put(PREFIX)
        .spelt(codec.encode(index), BASE36, CODE)
        .spelt(codec.check(index), BASE36, CHECK)
        .to_text()
}

/// The index that the id was made from, if it is one of ours.
pub(crate) fn read(codec: &IdCodec, id: &str) -> Option<u64> {
    let (code, check) = id.strip_prefix(PREFIX)?.split_at_checked(CODE)?;
    if check.len() != CHECK {
        return None;
    }
    let code = value_of(code, 36)?;
    let index = codec.decode(code);
    let ours = codec.encode(index) == code && codec.check(index) % CHECKS == value_of(check, 36)?;
    ours.then_some(index)
}

/// The id of the first forward task of an instance. If a scenario gives an instance an id of
/// another form, that is its task's id, too.
pub(crate) fn first_task_of(id: &str) -> &str {
    id.strip_prefix(PREFIX).unwrap_or(id)
}

/// The id of the instance whose first forward task has the id.
pub(crate) fn of_first_task(task: &str) -> String {
    format!("{PREFIX}{task}")
}

/// The id of another task. The codec differs from that of the instances.
pub(crate) fn write_task(codec: &IdCodec, index: u64) -> String {
    write(codec, index).split_off(PREFIX.len())
}

pub(crate) fn read_task(codec: &IdCodec, task: &str) -> Option<u64> {
    read(codec, &of_first_task(task))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::draw::{Seed, Stream};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_id_has_the_vendors_form_and_leads_back_to_its_index(seed: u64, index in 0u64..1 << 62) {
            let codec = IdCodec::new(Seed(seed), Stream::named("test"));
            let id = write(&codec, index);
            prop_assert_eq!(id.len(), 18);
            prop_assert!(id.starts_with("dts"));
            prop_assert!(id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
            prop_assert_eq!(read(&codec, &id), Some(index));
        }

        #[test]
        fn an_id_with_another_end_is_not_ours(index in 0u64..1 << 40, place in 3usize..18) {
            let codec = IdCodec::new(Seed(1), Stream::named("test"));
            let mut id = write(&codec, index).into_bytes();
            id[place] = if id[place] == b'0' { b'1' } else { b'0' };
            let id = String::from_utf8(id).unwrap();
            // A changed code is the code of another index, of which there are 2^62.
            prop_assert!(read(&codec, &id).is_none_or(|other| other > 1 << 41));
        }

        #[test]
        fn no_text_panics_or_is_mistaken_for_an_id(text in "(dts)?\\PC{0,20}") {
            let codec = IdCodec::new(Seed(1), Stream::named("test"));
            prop_assert_eq!(read(&codec, &text), None);
        }
    }
}
