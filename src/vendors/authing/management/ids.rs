//! Ids are ascending numbers that lead back to what they identify: one series for the jobs (or risk
//! operations) of all tasks, in which those of one task are a fixed step apart.

/// The Java SDK keeps ids in an `Integer` (java 3.1.19, source).
pub(crate) const MAX_ID: u64 = i32::MAX as u64;

/// The job ids before it are left to fixed jobs (the vendor's sample has job 1).
const FIRST_GENERATED: u64 = 1001;
/// The first id of jobs that clients create. Generated ones stay below it however many arrive.
const FIRST_CREATED: u64 = 2_100_000_000;

#[derive(Clone, Debug)]
pub(crate) struct IdSeries {
    first: u64,
    last: u64,
    columns: u64,
    /// The ids of fixed records within the series, which the others skip. Ascending.
    taken: Box<[u64]>,
    /// For each of them, the first id, not counting skips, that skips it.
    skips: Box<[u64]>,
}

impl IdSeries {
    pub(crate) fn new(first: u64, last: u64, columns: usize, fixed: &[u64]) -> Self {
        let mut taken: Vec<u64> =
            fixed.iter().copied().filter(|id| (first..=last).contains(id)).collect();
        taken.sort_unstable();
        taken.dedup();
        let skips = taken.iter().zip(0..).map(|(&id, earlier)| id - earlier).collect();
        Self { first, last, columns: (columns as u64).max(1), taken: taken.into(), skips }
    }

    /// The number of ids in each column.
    pub(crate) fn room(&self) -> u64 {
        let all = self.last + 1 - self.first;
        all.saturating_sub(self.taken.len() as u64) / self.columns
    }

    /// The id in a slot of a column. The slot must be below [`room`](Self::room).
    pub(crate) fn encode(&self, column: u64, slot: u64) -> u64 {
        let id = self.first + slot * self.columns + column;
        id + self.skips.partition_point(|&from| from <= id) as u64
    }

    /// The column and slot that the id belongs to; None if it belongs to none.
    pub(crate) fn decode(&self, id: u64) -> Option<(u64, u64)> {
        let skipped = self.taken.binary_search(&id).err()?;
        let place = id.checked_sub(skipped as u64)?.checked_sub(self.first)?;
        let (column, slot) = (place % self.columns, place / self.columns);
        (slot < self.room()).then_some((column, slot))
    }
}

#[derive(Clone, Debug)]
pub(crate) struct JobIds {
    /// A column for each task. The first slot is that of the task's record.
    pub(crate) generated: IdSeries,
    /// By the number of the event that created the job, or the task whose record it is.
    pub(crate) created: IdSeries,
}

impl JobIds {
    pub(crate) fn new(tasks: usize, fixed: &[u64]) -> Self {
        Self {
            generated: IdSeries::new(FIRST_GENERATED, FIRST_CREATED - 1, tasks, fixed),
            created: IdSeries::new(FIRST_CREATED, MAX_ID, 1, fixed),
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
            fixed in proptest::collection::vec(1u64..1100, 0..40),
        ) {
            let ids = JobIds::new(tasks, &fixed).generated;
            let mut last = 0;
            for slot in 0..30 {
                for task in 0..tasks as u64 {
                    let id = ids.encode(task, slot);
                    prop_assert!(id > last && !fixed.contains(&id));
                    prop_assert_eq!(ids.decode(id), Some((task, slot)));
                    last = id;
                }
            }
            for id in fixed {
                prop_assert_eq!(ids.decode(id), None);
            }
        }

        #[test]
        fn no_job_has_the_id_of_another_and_the_last_still_fits_a_java_integer(
            tasks in 1usize..=1000,
            fixed in proptest::collection::vec(1u64..=MAX_ID, 0..40),
            created in 0u64..40_000_000,
        ) {
            let ids = JobIds::new(tasks, &fixed);
            let last = ids.generated.encode(tasks as u64 - 1, ids.generated.room() - 1);
            prop_assert!(last < FIRST_CREATED);
            prop_assert!(last + 2 * tasks as u64 > FIRST_CREATED - 1 - fixed.len() as u64);
            let id = ids.created.encode(0, created);
            prop_assert!((FIRST_CREATED..=MAX_ID).contains(&id) && !fixed.contains(&id));
            prop_assert_eq!(ids.created.decode(id), Some((0, created)));
            prop_assert_eq!(ids.generated.decode(id), None);
            prop_assert_eq!(ids.created.decode(last), None);
        }
    }
}
