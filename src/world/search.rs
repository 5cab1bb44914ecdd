//! Search in a sequence that is ordered.

/// The first number below `end` for which `is_before` is false, or `end`; it must be false for all
/// after that one. It is looked for from `hint` on, in either direction, so what is near costs
/// little.
pub(crate) fn partition_point(hint: u64, end: u64, is_before: impl Fn(u64) -> bool) -> u64 {
    let hint = hint.min(end);
    let (mut low, mut high, mut step) = (0, end, 1);
    if hint < end && is_before(hint) {
        low = hint + 1;
        while step <= end - low && is_before(low + step - 1) {
            low += step;
            step *= 2;
        }
        high = end.min(low.saturating_add(step));
    } else {
        high = hint.min(high);
        while step <= high && !is_before(high - step) {
            high -= step;
            step *= 2;
        }
        low = low.max(high.saturating_sub(step));
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if is_before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_found_from_anywhere(hint in 0u64..120, end in 0u64..100, point in 0u64..100) {
            let found = partition_point(hint, end, |number| number < point);
            prop_assert_eq!(found, point.min(end));
        }
    }
}
