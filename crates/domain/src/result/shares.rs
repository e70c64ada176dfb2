//! How the room for points is shared among enterprises.

use crate::id::EnterpriseId;

/// By how much enterprises exceed their shares of `limit`, the one that uses most first.
///
/// The shares are max-min fair: an enterprise that uses less than an equal part of the room keeps all
/// that it has, and what it leaves is shared equally among the others. So an enterprise within its
/// share loses nothing, whatever the others do, and all of the room may be used.
///
/// ```
/// use cadastre_domain::id::EnterpriseId;
/// use cadastre_domain::result::excesses;
///
/// let [one, two, three] = [1, 2, 3].map(|byte| EnterpriseId::from_bytes([byte; 16]));
/// let usage = [(one, 10), (two, 60), (three, 100)];
/// assert_eq!(excesses(&usage, 170), []);
/// assert_eq!(excesses(&usage, 150), [(three, 20)]);
/// assert_eq!(excesses(&usage, 90), [(three, 60), (two, 20)]);
/// ```
#[must_use]
pub fn excesses(usage: &[(EnterpriseId, i64)], limit: i64) -> Vec<(EnterpriseId, i64)> {
    let mut ordered = usage.to_vec();
    ordered.sort_by_key(|(enterprise, used)| (*used, *enterprise));
    let (mut room, mut users) = (limit.max(0), i64::try_from(ordered.len()).unwrap_or(i64::MAX));
    let mut level = None;
    for (_, used) in &ordered {
        let share = room / users;
        if *used > share {
            level = Some(share);
            break;
        }
        room -= used.max(&0);
        users -= 1;
    }
    let Some(level) = level else { return Vec::new() };
    let above = ordered.into_iter().rev().filter(|(_, used)| *used > level);
    above.map(|(enterprise, used)| (enterprise, used - level)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(number: usize) -> EnterpriseId {
        let byte = u8::try_from(number).expect("few enterprises");
        EnterpriseId::from_bytes([byte; 16])
    }

    fn excesses_of(used: &[i64], limit: i64) -> Vec<(usize, i64)> {
        let usage: Vec<_> = used.iter().enumerate().map(|(n, used)| (id(n), *used)).collect();
        let number = |(of, excess): (EnterpriseId, i64)| (usize::from(of.to_bytes()[0]), excess);
        excesses(&usage, limit).into_iter().map(number).collect()
    }

    #[test]
    fn the_largest_loses_first_and_only_above_its_share() {
        for (used, limit, expected) in [
            (&[][..], 0, &[][..]),
            (&[5], 5, &[]),
            (&[6], 5, &[(0, 1)]),
            (&[500, 30_000], 8_000, &[(1, 22_500)]),
            (&[500, 30_000, 4_000], 8_000, &[(1, 26_250), (2, 250)]),
            (&[500, 30_000, 3_000], 8_000, &[(1, 25_500)]),
            (&[3, 3, 3], 7, &[(2, 1), (1, 1), (0, 1)]),
            (&[0, 0, 9], 3, &[(2, 6)]),
            (&[1, 2], -1, &[(1, 2), (0, 1)]),
        ] {
            assert_eq!(excesses_of(used, limit), expected, "{used:?} {limit}");
        }
    }

    proptest! {
        #[test]
        fn who_is_within_an_equal_part_keeps_all_and_the_rest_fits(
            used in prop::collection::vec(0_i64..1000, 1..20),
            limit in 0_i64..10_000,
        ) {
            let all = i64::try_from(used.len()).expect("few");
            let mut left = used.clone();
            for (of, excess) in excesses_of(&used, limit) {
                prop_assert!(excess > 0 && used[of] > limit / all, "{of}");
                left[of] -= excess;
            }
            let total: i64 = left.iter().sum();
            prop_assert!(total <= limit, "{total}");
            // No room is left over but what cannot be divided.
            prop_assert!(left == used || total > limit - all, "{total}");
        }

        #[test]
        fn what_one_uses_more_takes_nothing_from_who_is_within_an_equal_part(
            small in 0_i64..100, large in 100_i64..1_000_000, more in 0_i64..1_000_000,
        ) {
            for used in [large, large + more] {
                prop_assert!(!excesses_of(&[small, used], 200).iter().any(|(of, _)| *of == 0));
            }
        }
    }
}
