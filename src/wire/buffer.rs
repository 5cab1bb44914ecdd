//! What JSON and XML have in common at the end of a buffer.

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
