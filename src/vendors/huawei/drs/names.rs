//! Names of generated tenants.

use crate::world::draw::{Draws, Seed, Stream};
use crate::world::names::surname;

/// A tenant's domain name as the vendor's console allows it: `hw_hoppe_83`.
pub(crate) fn domain_name(seed: Seed, stream: Stream, index: u64) -> String {
    let mut draws = Draws::new(seed, stream, index);
    let surname = surname(&mut draws);
    format!("hw_{surname}_{:02}", draws.below(100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_name_is_an_ascii_word() {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        for index in 0..50 {
            let name = domain_name(Seed(1), Stream::named("test"), index);
            assert!(name.starts_with("hw_") && name.chars().all(allowed), "{name}");
        }
    }
}
