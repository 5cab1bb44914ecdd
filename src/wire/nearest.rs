//! "Did you mean": the name nearest to one that is not known.

/// The candidate most like `given`, if any is like it at all.
pub(crate) fn nearest<'c>(
    given: &str,
    candidates: impl Iterator<Item = &'c str>,
) -> Option<&'c str> {
    let given = given.to_ascii_lowercase();
    candidates
        .map(|c| (likeness(&given, &c.to_ascii_lowercase()), c))
        .filter(|&(likeness, _)| likeness > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// From 0 to 1; more for a name that is the other with letters left out.
fn likeness(given: &str, candidate: &str) -> f64 {
    let mut letters = candidate.chars();
    let shortened =
        given.len() * 2 > candidate.len() && given.chars().all(|c| letters.any(|l| l == c));
    strsim::jaro_winkler(given, candidate) + if shortened { 0.1 } else { 0.0 }
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
        let names = ["ListInstances", "ListSynchronizationJobs"];
        assert_eq!(nearest("ListSyncJobs", names.into_iter()), Some("ListSynchronizationJobs"));
    }
}
