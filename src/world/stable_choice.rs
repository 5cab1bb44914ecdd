//! A choice among things that hang on their own identities: one more takes some choices over for
//! itself, and leaves every other choice as it was (consistent hashing).

use super::draw::mix;

/// Number of places of each thing on the ring; more make the shares more alike.
const PLACES: u64 = 16;

#[derive(Clone, Debug)]
pub(crate) struct StableChoice<T> {
    /// Ascending by place.
    ring: Vec<(u64, T)>,
}

impl<T: Copy> StableChoice<T> {
    /// Of things with their identities.
    pub(crate) fn new(things: impl IntoIterator<Item = (u64, T)>) -> Self {
        let mut ring: Vec<(u64, T)> = things
            .into_iter()
            .flat_map(|(identity, thing)| {
                (0..PLACES).map(move |place| (mix(identity ^ mix(place)), thing))
            })
            .collect();
        ring.sort_by_key(|(place, _)| *place);
        Self { ring }
    }

    /// The thing for a draw; None if there are none.
    pub(crate) fn pick(&self, draw: u64) -> Option<T> {
        let next = self.ring.partition_point(|(place, _)| *place < draw);
        self.ring.get(next).or(self.ring.first()).map(|(_, thing)| *thing)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn one_more_takes_choices_over_for_itself_alone(
            mut identities in proptest::collection::vec(any::<u64>(), 0..20),
            more in any::<u64>(),
            draws in proptest::collection::vec(any::<u64>(), 1..50),
        ) {
            let choice = |identities: &[u64]| {
                StableChoice::new(identities.iter().map(|&identity| (identity, identity)))
            };
            let before = choice(&identities);
            identities.push(more);
            let after = choice(&identities);
            for draw in draws {
                let picked = after.pick(draw);
                prop_assert!(picked == Some(more) || picked == before.pick(draw));
            }
        }
    }

    #[test]
    fn each_of_several_is_picked_at_times() {
        let choice = StableChoice::new((0..5).map(|i| (mix(i), i)));
        let mut picked = [0; 5];
        for draw in 0..5_000 {
            picked[choice.pick(mix(draw)).expect("there are five") as usize] += 1;
        }
        assert!(picked.iter().all(|&count| (300..2_200).contains(&count)), "{picked:?}");
    }
}
