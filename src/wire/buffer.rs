//! What JSON and XML have in common at the end of a buffer.

use std::mem::take;

/// The name of a field is known when this is compiled, as long as it is part of what derives
/// call: then all is one copy of a fixed size.
#[inline(always)]
pub fn put_name<const B: usize, const A: usize>(
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
pub fn all_such(bytes: &[u8], is_such: impl Fn(u8) -> bool) -> bool {
    let all = |word: &[u8; 8]| word.iter().fold(true, |all, &byte| all & is_such(byte));
    match bytes.last_chunk() {
        Some(last) => all(last) && bytes.as_chunks().0.iter().all(all),
        None => bytes.iter().all(|&byte| is_such(byte)),
    }
}

/// Items of a list that have no room yet.
pub struct Roomless(pub usize);

/// As much as is asked for without having seen it.
const TRUSTED: usize = 1 << 20;

impl Roomless {
    /// After an item: all are about as long as the first.
    #[inline]
    pub fn make_room(&mut self, out: &mut Vec<u8>, begins: usize) {
        let others = take(&mut self.0).saturating_mul(out.len() - begins);
        out.reserve(others.min(TRUSTED));
    }
}
