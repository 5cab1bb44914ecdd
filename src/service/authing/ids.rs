//! Ids are numbers that ascend, and say what they are the ids of: one series for the things
//! of all tasks, each task's a fixed step apart.

/// The Java SDK keeps ids in an `Integer` (java 3.1.19, source).
pub const LARGEST_ID: u64 = i32::MAX as u64;

/// The job ids before it are left to exact jobs (the vendor's sample has job 1).
const FIRST_GENERATED: u64 = 1001;
/// Jobs that clients made have ids from here on: there is always another generated one.
const FIRST_MADE: u64 = 2_100_000_000;

#[derive(Clone, Debug)]
pub struct Series {
    first: u64,
    last: u64,
    columns: u64,
    /// Ids of exact things among these, which leap over them. Ascending.
    taken: Box<[u64]>,
    /// For each of them, the first id, not counting leaps, that leaps over it.
    leaps: Box<[u64]>,
}

impl Series {
    pub fn new(first: u64, last: u64, columns: usize, exact: &[u64]) -> Self {
        let mut taken: Vec<u64> =
            exact.iter().copied().filter(|id| (first..=last).contains(id)).collect();
        taken.sort_unstable();
        taken.dedup();
        let leaps = taken.iter().zip(0..).map(|(&id, earlier)| id - earlier).collect();
        Self { first, last, columns: (columns as u64).max(1), taken: taken.into(), leaps }
    }

    /// How many ids each column has.
    pub fn room(&self) -> u64 {
        let all = self.last + 1 - self.first;
        all.saturating_sub(self.taken.len() as u64) / self.columns
    }

    /// The id in a column's `slot`, which must be below [`room`](Self::room).
    pub fn encode(&self, column: u64, slot: u64) -> u64 {
        let id = self.first + slot * self.columns + column;
        id + self.leaps.partition_point(|&from| from <= id) as u64
    }

    /// The column and slot whose id this is; none if it is of no slot.
    pub fn decode(&self, id: u64) -> Option<(u64, u64)> {
        let leapt = self.taken.binary_search(&id).err()?;
        let place = id.checked_sub(leapt as u64)?.checked_sub(self.first)?;
        let (column, slot) = (place % self.columns, place / self.columns);
        (slot < self.room()).then_some((column, slot))
    }
}

#[derive(Clone, Debug)]
pub struct JobIds {
    /// A column for each task; its first slot is its record's.
    pub generated: Series,
    /// By the number of the change that made the job, or the task whose record it is.
    pub made: Series,
}

impl JobIds {
    pub fn new(tasks: usize, exact: &[u64]) -> Self {
        Self {
            generated: Series::new(FIRST_GENERATED, FIRST_MADE - 1, tasks, exact),
            made: Series::new(FIRST_MADE, LARGEST_ID, 1, exact),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_id_is_unique_and_leads_back_to_its_task_and_slot(
            tasks in 1usize..9,
            exact in proptest::collection::vec(1u64..1100, 0..40),
        ) {
            let ids = JobIds::new(tasks, &exact).generated;
            let mut last = 0;
            for slot in 0..30 {
                for task in 0..tasks as u64 {
                    let id = ids.encode(task, slot);
                    prop_assert!(id > last && !exact.contains(&id));
                    prop_assert_eq!(ids.decode(id), Some((task, slot)));
                    last = id;
                }
            }
            for id in exact {
                prop_assert_eq!(ids.decode(id), None);
            }
        }

        #[test]
        fn no_job_has_the_id_of_another_and_the_last_still_fits_a_java_integer(
            tasks in 1usize..=1000,
            exact in proptest::collection::vec(1u64..=LARGEST_ID, 0..40),
            made in 0u64..40_000_000,
        ) {
            let ids = JobIds::new(tasks, &exact);
            let last = ids.generated.encode(tasks as u64 - 1, ids.generated.room() - 1);
            prop_assert!(last < FIRST_MADE);
            prop_assert!(last + 2 * tasks as u64 > FIRST_MADE - 1 - exact.len() as u64);
            let id = ids.made.encode(0, made);
            prop_assert!((FIRST_MADE..=LARGEST_ID).contains(&id) && !exact.contains(&id));
            prop_assert_eq!(ids.made.decode(id), Some((0, made)));
            prop_assert_eq!(ids.generated.decode(id), None);
            prop_assert_eq!(ids.made.decode(last), None);
        }
    }
}
