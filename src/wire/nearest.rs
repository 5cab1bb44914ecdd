//! "Did you mean": the name nearest to one that is not known.

/// A name that is more than this many times as long as a candidate is not like it, and is not
/// compared: comparing takes the product of the two lengths.
const MAX_LENGTH_RATIO: usize = 3;
/// Nor are names longer than this compared (bytes).
const MAX_LENGTH: usize = 256;
/// Nor are candidates after these many: a scenario can have any number of access keys.
const MAX_CANDIDATES: usize = 1_000;

/// The candidate most like `given`, if any is like it at all. What it costs is bounded, however
/// long the names are and however many.
pub(crate) fn nearest<'c>(
    given: &str,
    candidates: impl Iterator<Item = &'c str>,
) -> Option<&'c str> {
    nearest_pair(candidates.map(|candidate| (given, candidate, candidate))).map(|(_, found)| found)
}

/// The same where what is given differs with the candidate: of triples of what is given, the
/// candidate, and what it stands for, that of the pair that is most alike, and how much it is.
pub(crate) fn nearest_pair<T, G: AsRef<str>, C: AsRef<str>>(
    pairs: impl Iterator<Item = (G, C, T)>,
) -> Option<(f64, T)> {
    pairs
        .take(MAX_CANDIDATES)
        .filter_map(|(given, candidate, meant)| {
            Some((likeness(given.as_ref(), candidate.as_ref())?, meant))
        })
        .filter(|&(likeness, _)| likeness > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
}

/// From 0 to 1, whatever the case; more for a name that is the other with letters left out. None
/// if their lengths alone tell that they are not alike.
fn likeness(given: &str, candidate: &str) -> Option<f64> {
    let (shorter, longer) = (given.len().min(candidate.len()), given.len().max(candidate.len()));
    if longer > MAX_LENGTH || longer > shorter.saturating_mul(MAX_LENGTH_RATIO) {
        return None;
    }
    let (given, candidate) = (&*given.to_ascii_lowercase(), &*candidate.to_ascii_lowercase());
    let is_shortened = |text: &str, of: &str| {
        let mut letters = of.chars();
        text.len() * 2 > of.len() && text.chars().all(|c| letters.any(|l| l == c))
    };
    let is_either_shortened = is_shortened(given, candidate) || is_shortened(candidate, given);
    Some(strsim::jaro_winkler(given, candidate) + if is_either_shortened { 0.1 } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_is_found_and_a_stranger_finds_none() {
        let names = ["ListSynchronizationJobs", "DescribeSynchronizationJobStatusList"];
        let find = |given| nearest(given, names.into_iter());
        assert_eq!(find("ListSynchronisationJob"), Some("ListSynchronizationJobs"));
        assert_eq!(find("listsynchronizationjobs"), Some("ListSynchronizationJobs"));
        assert_eq!(find("zzz"), None);
        let longer = ["Throttling.User", "Throttling.UserConcurrentLimit"].into_iter();
        assert_eq!(nearest("Throttling.Userr", longer), Some("Throttling.User"));
        let names = ["ListInstances", "ListSynchronizationJobs"];
        assert_eq!(nearest("ListSyncJobs", names.into_iter()), Some("ListSynchronizationJobs"));
    }

    #[test]
    fn a_name_many_times_as_long_as_the_candidates_is_near_to_none_of_them() {
        let names = ["ListSynchronizationJobs", "version"];
        let long = format!("ListSynchronizationJobs{}", "s".repeat(60_000));
        assert_eq!(nearest(&long, names.into_iter()), None);
        assert_eq!(nearest("v", names.into_iter()), None);
        // Neither are two names that are both too long to be a person's.
        assert_eq!(nearest(&long, [long.as_str()].into_iter()), None);
    }

    #[test]
    fn of_very_many_candidates_only_the_first_are_compared() {
        let names: Vec<String> = (0..100_000).map(|i| format!("key-{i:06}")).collect();
        let found = |given| nearest(given, names.iter().map(String::as_str));
        assert_eq!(found("kye-000007"), Some("key-000007"));
        assert_ne!(found("kye-099999"), Some("key-099999"));
    }
}
