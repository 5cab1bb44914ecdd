//! Job ids: one ascending series for all tasks, each task's jobs a fixed step apart, so that
//! an id says which job of which task it is.

/// The Java SDK keeps ids in an `Integer` (java 3.1.19, source).
pub const LARGEST_ID: u64 = i32::MAX as u64;

/// The ids before it are left to exact jobs (the vendor's sample has job 1).
const FIRST_GENERATED: u64 = 1001;

#[derive(Clone, Debug)]
pub struct JobIds {
    tasks: u64,
    /// Ids of exact jobs among the generated ones, which leap over them. Ascending.
    taken: Box<[u64]>,
    /// For each of them, the first id, not counting leaps, that leaps over it.
    leaps: Box<[u64]>,
}

impl JobIds {
    pub fn new(tasks: usize, exact: &[u64]) -> Self {
        let mut taken: Vec<u64> =
            exact.iter().copied().filter(|&id| id >= FIRST_GENERATED).collect();
        taken.sort_unstable();
        taken.dedup();
        let leaps = taken.iter().zip(0..).map(|(&id, earlier)| id - earlier).collect();
        Self { tasks: (tasks as u64).max(1), taken: taken.into(), leaps }
    }

    /// How many jobs each task can have.
    pub fn room(&self) -> u64 {
        let all = LARGEST_ID + 1 - FIRST_GENERATED;
        all.saturating_sub(self.taken.len() as u64) / self.tasks
    }

    /// The id of a task's `slot`-th job, which must be below [`room`](Self::room).
    pub fn encode(&self, task: u64, slot: u64) -> u64 {
        let id = FIRST_GENERATED + slot * self.tasks + task;
        id + self.leaps.partition_point(|&from| from <= id) as u64
    }

    /// The task and slot whose id this is; none if it is no generated job's.
    pub fn decode(&self, id: u64) -> Option<(u64, u64)> {
        let leapt = self.taken.binary_search(&id).err()?;
        let place = id.checked_sub(leapt as u64)?.checked_sub(FIRST_GENERATED)?;
        Some((place % self.tasks, place / self.tasks))
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
            let ids = JobIds::new(tasks, &exact);
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
        fn the_last_job_there_is_room_for_still_fits_a_java_integer(
            tasks in 1usize..=1000,
            exact in proptest::collection::vec(1u64..=LARGEST_ID, 0..40),
        ) {
            let ids = JobIds::new(tasks, &exact);
            let last = ids.encode(tasks as u64 - 1, ids.room() - 1);
            prop_assert!(last <= LARGEST_ID);
            prop_assert!(last + 2 * tasks as u64 > LARGEST_ID - exact.len() as u64);
        }
    }
}
