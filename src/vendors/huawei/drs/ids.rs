//! Ids of jobs: 36 characters like those of a UUID, but the last group ends in `jb` and three more
//! (samples on the vendor's pages: `c7debc9c-8e09-4a5d-8dd6-cc44f78jb20r`).

use super::transfer::MAX_JOBS;
use crate::world::draw::mix;
use crate::world::ids::IdCodec;

/// The id of the `nth` job of the batch of that index.
pub(crate) fn job_id(ids: &IdCodec, index: u64, nth: usize) -> String {
    let code = ids.encode(index);
    let check = mix(ids.check(index) ^ mix(nth as u64));
    format!(
        "{:08x}-{:04x}-4{:01x}{:02x}-{:04x}-{:07x}jb20{:01x}",
        check >> 32,
        code >> 42 & 0xffff,
        code >> 58 & 0xf,
        check & 0xff,
        0x8000 | code >> 28 & 0x3fff,
        code & 0xfff_ffff,
        nth % MAX_JOBS
    )
}

/// The index of the batch and the place in it of the job that has the id, if one has.
pub(crate) fn index_of(ids: &IdCodec, id: &str) -> Option<(u64, usize)> {
    let mut groups = id.split('-');
    let (_, second) = (groups.next()?, groups.next()?);
    let (third, fourth, last) = (groups.next()?, groups.next()?, groups.next()?);
    let hex = |text: Option<&str>| u64::from_str_radix(text?, 16).ok();
    let code = (hex(third.get(1..2))? & 0xf) << 58
        | (hex(Some(second))? & 0xffff) << 42
        | (hex(Some(fourth))? & 0x3fff) << 28
        | hex(last.get(..7))? & 0xfff_ffff;
    let (index, nth) = (ids.decode(code), hex(last.get(11..))? as usize);
    (job_id(ids, index, nth) == id).then_some((index, nth))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::world::draw::{Seed, Stream};

    proptest! {
        #[test]
        fn every_id_leads_back_to_its_job(seed: u64, index in 0u64..(1 << 62), nth in 0..MAX_JOBS) {
            let ids = IdCodec::new(Seed(seed), Stream::named("test"));
            let id = job_id(&ids, index, nth);
            prop_assert_eq!((id.len(), id.find("jb")), (36, Some(31)));
            prop_assert_eq!(index_of(&ids, &id), Some((index, nth)));
        }

        #[test]
        fn no_text_is_mistaken_for_an_id(text in "\\PC{0,40}|[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{7}jb20[0-9a-f]") {
            let ids = IdCodec::new(Seed(1), Stream::named("test"));
            prop_assert_eq!(index_of(&ids, &text), None);
        }
    }
}
