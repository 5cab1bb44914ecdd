//! "Did you mean": the name nearest to one that is not known.

/// The candidate most like `given`, if any is like it at all.
pub fn nearest<'c>(given: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let given = given.to_ascii_lowercase();
    candidates
        .map(|c| (strsim::jaro_winkler(&given, &c.to_ascii_lowercase()), c))
        .filter(|&(likeness, _)| likeness > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_finds_its_name_and_a_stranger_finds_none() {
        let names = ["ListSynchronizationJobs", "DescribeSynchronizationJobStatusList"];
        let find = |given| nearest(given, names.into_iter());
        assert_eq!(find("ListSynchronisationJob"), Some("ListSynchronizationJobs"));
        assert_eq!(find("listsynchronizationjobs"), Some("ListSynchronizationJobs"));
        assert_eq!(find("zzz"), None);
    }
}
