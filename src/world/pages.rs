//! Which rows a page shows, and what total it claims: as asked, or with one of the slips
//! that real services make between two pages.

use std::ops::Range;

/// What happens at the seams of pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Seam {
    #[default]
    Exact,
    /// The last row of a page is the first of the next one, too, as when something arrived
    /// at the head of the list in between.
    Repeat,
    /// The first row of every later page is left out, as when something at the head of the
    /// list was deleted in between.
    Lose,
    /// Pages have a row less than asked for, and it is on no other page.
    Short,
    /// The second page is empty, and its rows come on the third.
    Empty,
    /// The row before the seam is shown after it in the place of the one that belongs there,
    /// as when a sort has equal keys.
    Swap,
}

/// What total is claimed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Total {
    #[default]
    Exact,
    /// One more than there are.
    OffByOne,
    /// At most [`CAP`].
    Capped,
    /// None.
    Missing,
    /// One more with each page.
    Drifting,
}

pub const CAP: u64 = 10_000;

/// The rows of a page of `size` that begins with row `first`, of `total` rows, all counted
/// from 0.
pub fn rows(seam: Seam, first: u64, size: u64, total: u64) -> Vec<u64> {
    let span = |first: u64, size: u64| -> Range<u64> {
        first.min(total)..first.saturating_add(size).min(total)
    };
    let later = first > 0;
    match seam {
        // A page of one row that repeats the last one would never get anywhere.
        Seam::Repeat if later && size > 1 => span(first - 1, size).collect(),
        Seam::Lose if later => span(first.saturating_add(1), size).collect(),
        Seam::Short if size > 1 => span(first, size - 1).collect(),
        Seam::Empty if first >= size && first < size.saturating_mul(2) => Vec::new(),
        Seam::Empty if first >= size => span(first - size, size).collect(),
        Seam::Swap if later && first < total => {
            let rest = span(first.saturating_add(1), size.saturating_sub(1));
            [first - 1].into_iter().chain(rest).collect()
        }
        _ => span(first, size).collect(),
    }
}

impl Total {
    /// What a page that begins with row `first` says; none if it says nothing.
    pub fn claimed(self, first: u64, size: u64, total: u64) -> Option<u64> {
        match self {
            Self::Exact => Some(total),
            Self::OffByOne => Some(total + 1),
            Self::Capped => Some(total.min(CAP)),
            Self::Missing => None,
            Self::Drifting => Some(total + first / size.max(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(seam: Seam, size: u64, total: u64) -> Vec<Vec<u64>> {
        (0..5).map(|page| rows(seam, page * size, size, total)).collect()
    }

    #[test]
    fn each_slip_is_where_it_says() {
        let pages = |seam| walk(seam, 3, 8);
        let none: Vec<u64> = vec![];
        let e = || none.clone();
        assert_eq!(pages(Seam::Exact), [vec![0, 1, 2], vec![3, 4, 5], vec![6, 7], e(), e()]);
        assert_eq!(pages(Seam::Repeat), [vec![0, 1, 2], vec![2, 3, 4], vec![5, 6, 7], e(), e()]);
        assert_eq!(pages(Seam::Lose), [vec![0, 1, 2], vec![4, 5, 6], vec![7], e(), e()]);
        assert_eq!(pages(Seam::Short), [vec![0, 1], vec![3, 4], vec![6, 7], e(), e()]);
        assert_eq!(pages(Seam::Empty), [vec![0, 1, 2], e(), vec![3, 4, 5], vec![6, 7], e()]);
        assert_eq!(pages(Seam::Swap), [vec![0, 1, 2], vec![2, 4, 5], vec![5, 7], e(), e()]);
    }

    #[test]
    fn no_bound_overflows_and_no_row_is_past_the_end() {
        for seam in [Seam::Exact, Seam::Repeat, Seam::Lose, Seam::Short, Seam::Empty, Seam::Swap] {
            for (first, size) in [(0, 0), (0, 1), (u64::MAX, 5), (7, u64::MAX), (8, 3)] {
                assert!(rows(seam, first, size, 8).iter().all(|row| *row < 8), "{seam:?}");
            }
        }
    }

    #[test]
    fn totals_are_claimed_as_they_say() {
        let claimed = |total: Total| [0, 10, 20].map(|first| total.claimed(first, 10, 25_000));
        assert_eq!(claimed(Total::Exact), [Some(25_000); 3]);
        assert_eq!(claimed(Total::OffByOne), [Some(25_001); 3]);
        assert_eq!(claimed(Total::Capped), [Some(CAP); 3]);
        assert_eq!(claimed(Total::Missing), [None; 3]);
        assert_eq!(claimed(Total::Drifting), [Some(25_000), Some(25_001), Some(25_002)]);
    }
}
