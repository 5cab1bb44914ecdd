//! Which rows a page shows, and what total it reports: as asked, or with one of the anomalies
//! that real services have between two pages.

/// A deviation at page boundaries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum PagingAnomaly {
    #[default]
    Exact,
    /// The last row of a page is the first of the next one, too, as when a row arrives at the
    /// head of the list between any two pages.
    Repeat,
    /// The row that should begin a page is left out, from the second page on, as when a row
    /// that was shown is deleted between any two pages.
    Lose,
    /// A page has a row less than asked for, and the next one goes on there. (By offsets, a
    /// client that adds what it asked for, not what it got, misses that row.)
    Short,
    /// The second page is empty, and its rows come on the third.
    EmptySecond,
    /// The row before the boundary is shown after it, in the place of the one that belongs there,
    /// as when a sort has equal keys.
    Unstable,
}

/// The total that a list reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ReportedTotal {
    #[default]
    Exact,
    /// One more than there are.
    OffByOne,
    /// 10000 at most.
    Capped,
    /// None.
    Missing,
    /// One more with each page.
    Drifting,
}

const MAX_REPORTED_TOTAL: u64 = 10_000;

/// A page of a list, all counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    anomaly: PagingAnomaly,
    number: u64,
    /// Index of its first row: the number of rows that a traversal consumed before it.
    first: u64,
    size: u64,
}

impl Page {
    /// The page of a token traversal that follows `number` others, which consumed the rows
    /// before `first`.
    pub(crate) fn after(anomaly: PagingAnomaly, number: u64, first: u64, size: u64) -> Self {
        Self { anomaly, number, first, size }
    }

    /// The page of that number.
    pub(crate) fn numbered(anomaly: PagingAnomaly, number: u64, size: u64) -> Self {
        let first = match anomaly {
            PagingAnomaly::Exact | PagingAnomaly::Unstable => number.saturating_mul(size),
            PagingAnomaly::Repeat if size > 1 && number > 0 => {
                (number - 1).saturating_mul(size - 1).saturating_add(size)
            }
            PagingAnomaly::Repeat => number.saturating_mul(size),
            PagingAnomaly::Lose => number.saturating_mul(size.saturating_add(1)).saturating_sub(1),
            PagingAnomaly::Short => number.saturating_mul(size.saturating_sub(1).max(1)),
            PagingAnomaly::EmptySecond if number > 1 => (number - 1).saturating_mul(size),
            PagingAnomaly::EmptySecond => number.saturating_mul(size),
        };
        Self { anomaly, number, first, size }
    }

    /// The page that begins at an offset, which counts rows, not pages.
    pub(crate) fn at(anomaly: PagingAnomaly, offset: u64, size: u64) -> Self {
        let number = offset / size.max(1);
        let first = match anomaly {
            PagingAnomaly::Short => offset,
            _ => Self::numbered(anomaly, number, size).first.saturating_add(offset % size.max(1)),
        };
        Self { anomaly, number, first, size }
    }

    /// Counted from 0.
    pub(crate) fn number(self) -> u64 {
        self.number
    }

    /// The indexes of its rows among `total`.
    pub(crate) fn rows(self, total: u64) -> impl Iterator<Item = u64> {
        let Self { anomaly, number, first, size } = self;
        let later = number > 0;
        let (own, first, size) = match anomaly {
            // A page of one row that repeats the last one would never get anywhere.
            PagingAnomaly::Repeat if later && size > 1 => (None, first.saturating_sub(1), size),
            PagingAnomaly::Lose if later => (None, first.saturating_add(1), size),
            PagingAnomaly::Short if size > 1 => (None, first, size - 1),
            PagingAnomaly::EmptySecond if number == 1 => (None, first, 0),
            PagingAnomaly::Unstable if later && (1..total).contains(&first) && size > 0 => {
                (Some(first - 1), first + 1, size - 1)
            }
            _ => (None, first, size),
        };
        let rest = first.min(total)..first.saturating_add(size).min(total);
        own.into_iter().chain(rest)
    }

    /// Whether neither it nor a later page has a row of `total`, but for the last one that
    /// [`PagingAnomaly::Repeat`] shows again.
    /// The first page is never past the end.
    pub(crate) fn is_past(self, total: u64) -> bool {
        let lost = u64::from(self.anomaly == PagingAnomaly::Lose && self.number > 0);
        self.first > 0 && self.first.saturating_add(lost) >= total
    }

    /// The last page that is not past the end of `total` rows.
    pub(crate) fn last(self, total: u64) -> Self {
        let page = |number| Self::numbered(self.anomaly, number, self.size);
        // A page has a row at least, but for one that may be empty.
        let (mut low, mut high) = (0, total.saturating_add(1));
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            if page(middle).is_past(total) { high = middle - 1 } else { low = middle }
        }
        page(low)
    }

    /// Number of rows that a traversal has consumed after this page.
    pub(crate) fn end(self) -> u64 {
        let Self { anomaly, number, first, size } = self;
        first.saturating_add(match anomaly {
            PagingAnomaly::Repeat if number > 0 && size > 1 => size - 1,
            PagingAnomaly::Lose if number > 0 => size.saturating_add(1),
            PagingAnomaly::Short if size > 1 => size - 1,
            PagingAnomaly::EmptySecond if number == 1 => 0,
            _ => size,
        })
    }

    /// Whether later pages have rows of `total` that this one and those before it have not.
    pub(crate) fn has_more(self, total: u64) -> bool {
        let lost = u64::from(self.anomaly == PagingAnomaly::Lose);
        self.end().saturating_add(lost) < total
    }

    /// The total that the page reports; none if it reports none.
    pub(crate) fn reported(self, claim: ReportedTotal, total: u64) -> Option<u64> {
        match claim {
            ReportedTotal::Exact => Some(total),
            ReportedTotal::OffByOne => Some(total + 1),
            ReportedTotal::Capped => Some(total.min(MAX_REPORTED_TOTAL)),
            ReportedTotal::Missing => None,
            ReportedTotal::Drifting => Some(total.saturating_add(self.number)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ANOMALIES: [PagingAnomaly; 6] = [
        PagingAnomaly::Exact,
        PagingAnomaly::Repeat,
        PagingAnomaly::Lose,
        PagingAnomaly::Short,
        PagingAnomaly::EmptySecond,
        PagingAnomaly::Unstable,
    ];

    fn rows(page: Page, total: u64) -> Vec<u64> {
        page.rows(total).collect()
    }

    #[test]
    fn each_anomaly_is_at_every_page_boundary() {
        let pages = |anomaly| -> Vec<Vec<u64>> {
            (0..5).map(|number| rows(Page::numbered(anomaly, number, 3), 8)).collect()
        };
        let none: Vec<u64> = vec![];
        let e = || none.clone();
        assert_eq!(
            pages(PagingAnomaly::Exact),
            [vec![0, 1, 2], vec![3, 4, 5], vec![6, 7], e(), e()]
        );
        let repeated = [vec![0, 1, 2], vec![2, 3, 4], vec![4, 5, 6], vec![6, 7], e()];
        assert_eq!(pages(PagingAnomaly::Repeat), repeated);
        assert_eq!(pages(PagingAnomaly::Lose), [vec![0, 1, 2], vec![4, 5, 6], e(), e(), e()]);
        let short = [vec![0, 1], vec![2, 3], vec![4, 5], vec![6, 7], e()];
        assert_eq!(pages(PagingAnomaly::Short), short);
        let empty = [vec![0, 1, 2], e(), vec![3, 4, 5], vec![6, 7], e()];
        assert_eq!(pages(PagingAnomaly::EmptySecond), empty);
        assert_eq!(
            pages(PagingAnomaly::Unstable),
            [vec![0, 1, 2], vec![2, 4, 5], vec![5, 7], e(), e()]
        );
    }

    #[test]
    fn short_pages_by_offset_lose_a_row_if_a_client_adds_the_size_it_asked_for() {
        let page = |offset| rows(Page::at(PagingAnomaly::Short, offset, 3), 6);
        assert_eq!([page(0), page(3)], [vec![0, 1], vec![3, 4]]);
        assert_eq!([page(2), page(4)], [vec![2, 3], vec![4, 5]]);
    }

    proptest! {
        #[test]
        fn numbers_offsets_and_tokens_lead_to_the_same_pages(
            anomaly in proptest::sample::select(&ANOMALIES[..]), size in 1u64..6, total in 0u64..30,
        ) {
            let (mut number, mut first) = (0, 0);
            loop {
                let page = Page::after(anomaly, number, first, size);
                prop_assert_eq!(page, Page::numbered(anomaly, number, size));
                if anomaly != PagingAnomaly::Short {
                    prop_assert_eq!(page, Page::at(anomaly, number * size, size));
                }
                (number, first) = (number + 1, page.end());
                if !page.has_more(total) {
                    break;
                }
                prop_assert!(number < 100, "it never ends");
            }
            for number in number..number + 3 {
                // A client that reads on sees at most the last row again, as when rows arrive.
                let page = rows(Page::numbered(anomaly, number, size), total);
                let news = page.iter().any(|&row| row + 1 < total);
                prop_assert!(!news || anomaly == PagingAnomaly::Unstable, "{:?} comes late", page);
            }
        }

        #[test]
        fn a_traversal_sees_what_the_anomaly_says(
            anomaly in proptest::sample::select(&ANOMALIES[..]), size in 2u64..6, total in 0u64..30,
        ) {
            let pages = (0..40).map(|number| Page::numbered(anomaly, number, size));
            let mut seen: Vec<u64> = pages.flat_map(|page| page.rows(total)).collect();
            let all = seen.len() as u64;
            seen.sort_unstable();
            seen.dedup();
            let different = seen.len() as u64;
            let boundaries = if total == 0 { 0 } else { (total - 1) / size };
            match anomaly {
                PagingAnomaly::Exact | PagingAnomaly::Short | PagingAnomaly::EmptySecond => {
                    prop_assert_eq!((all, different), (total, total));
                }
                PagingAnomaly::Repeat => {
                    prop_assert_eq!(different, total);
                    prop_assert!((all > total) == (total >= size && total > 0));
                }
                PagingAnomaly::Lose => prop_assert_eq!((all, different), (total - total / (size + 1), all)),
                PagingAnomaly::Unstable => prop_assert_eq!((all, different), (total, total - boundaries)),
            }
        }

        #[test]
        fn no_bound_overflows_and_no_row_is_past_the_end(
            anomaly in proptest::sample::select(&ANOMALIES[..]),
            number in prop_oneof![0u64..4, Just(u64::MAX)],
            size in prop_oneof![0u64..4, Just(u64::MAX)],
        ) {
            for page in [Page::numbered(anomaly, number, size), Page::at(anomaly, number, size)] {
                prop_assert!(page.rows(8).take(9).all(|row| row < 8));
                let _ = (page.end(), page.has_more(8));
            }
        }
    }

    #[test]
    fn the_last_page_is_the_last_that_is_not_past_the_end() {
        for (anomaly, number) in [
            (PagingAnomaly::Exact, 2),
            (PagingAnomaly::Repeat, 3),
            (PagingAnomaly::Lose, 1),
            (PagingAnomaly::Short, 3),
            (PagingAnomaly::EmptySecond, 3),
            (PagingAnomaly::Unstable, 2),
        ] {
            for asked in [number + 1, number + 2, u64::MAX] {
                let page = Page::numbered(anomaly, asked, 3);
                assert!(page.is_past(8), "{anomaly:?} {asked}");
                assert_eq!(page.last(8), Page::numbered(anomaly, number, 3), "{anomaly:?}");
            }
            assert!(!Page::numbered(anomaly, number, 3).is_past(8), "{anomaly:?}");
        }
        // An empty page with rows behind it is none to be past.
        assert!(!Page::numbered(PagingAnomaly::EmptySecond, 1, 3).is_past(8));
        let first = Page::numbered(PagingAnomaly::Exact, 0, 3);
        assert!(!first.is_past(0));
        assert_eq!(first.last(0), first);
    }

    #[test]
    fn totals_are_claimed_as_they_say() {
        let claimed = |claim: ReportedTotal| {
            [0, 1, 2].map(|number| {
                Page::numbered(PagingAnomaly::Exact, number, 10).reported(claim, 25_000)
            })
        };
        assert_eq!(claimed(ReportedTotal::Exact), [Some(25_000); 3]);
        assert_eq!(claimed(ReportedTotal::OffByOne), [Some(25_001); 3]);
        assert_eq!(claimed(ReportedTotal::Capped), [Some(MAX_REPORTED_TOTAL); 3]);
        assert_eq!(claimed(ReportedTotal::Missing), [None; 3]);
        assert_eq!(claimed(ReportedTotal::Drifting), [Some(25_000), Some(25_001), Some(25_002)]);
    }
}
