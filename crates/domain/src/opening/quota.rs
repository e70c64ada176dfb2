//! How much of a region a team may use.

/// How much of a region a team may use. Without limit unless told otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Quota {
    memory_mb: i64,
    cpu_millicores: i64,
}

/// A quota that is negative or too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field} is a whole number from 0, which is without limit, to {most}", most = Quota::MOST)]
pub struct QuotaError {
    /// The field that is wrong: `memory_mb` or `cpu_millicores`.
    pub field: &'static str,
}

impl Quota {
    /// The most that a quota says of anything: 2^31 - 1.
    pub const MOST: i64 = i32::MAX as i64;

    /// A quota of memory in MB and of processors in thousandths of one; 0 is without limit.
    ///
    /// # Errors
    /// The first of the two that is not from 0 to [`Quota::MOST`].
    pub const fn new(memory_mb: i64, cpu_millicores: i64) -> Result<Self, QuotaError> {
        if !fits(memory_mb) {
            return Err(QuotaError { field: "memory_mb" });
        }
        if !fits(cpu_millicores) {
            return Err(QuotaError { field: "cpu_millicores" });
        }
        Ok(Self { memory_mb, cpu_millicores })
    }

    /// The memory that may be used, in MB; 0 is without limit.
    #[must_use]
    pub const fn memory_mb(self) -> i64 {
        self.memory_mb
    }

    /// The processors that may be used, in thousandths of one; 0 is without limit.
    #[must_use]
    pub const fn cpu_millicores(self) -> i64 {
        self.cpu_millicores
    }
}

/// A change of a quota: what is `None` stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QuotaEdit {
    memory_mb: Option<i64>,
    cpu_millicores: Option<i64>,
}

impl QuotaEdit {
    /// A change to these amounts.
    ///
    /// # Errors
    /// The first of the two that is not from 0 to [`Quota::MOST`].
    pub fn new(memory_mb: Option<i64>, cpu_millicores: Option<i64>) -> Result<Self, QuotaError> {
        Quota::new(memory_mb.unwrap_or_default(), cpu_millicores.unwrap_or_default())?;
        Ok(Self { memory_mb, cpu_millicores })
    }
}

impl Quota {
    /// The quota after `edit`.
    #[must_use]
    pub fn edit(self, edit: QuotaEdit) -> Self {
        Self {
            memory_mb: edit.memory_mb.unwrap_or(self.memory_mb),
            cpu_millicores: edit.cpu_millicores.unwrap_or(self.cpu_millicores),
        }
    }
}

const fn fits(amount: i64) -> bool {
    0 <= amount && amount <= Quota::MOST
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_limits_are_inclusive_and_the_first_wrong_field_is_named() {
        let parse = |memory, cpu| {
            Quota::new(memory, cpu).map(|quota| (quota.memory_mb(), quota.cpu_millicores()))
        };
        let memory = Err(QuotaError { field: "memory_mb" });
        let cpu = Err(QuotaError { field: "cpu_millicores" });
        assert_eq!(parse(0, 0), Ok((0, 0)));
        assert_eq!(parse(4096, 500), Ok((4096, 500)));
        assert_eq!(parse(2_147_483_647, 2_147_483_647), Ok((2_147_483_647, 2_147_483_647)));
        for wrong in [-1, 2_147_483_648, i64::MIN, i64::MAX] {
            assert_eq!(parse(wrong, 0), memory, "{wrong}");
            assert_eq!(parse(0, wrong), cpu, "{wrong}");
            assert_eq!(parse(wrong, wrong), memory, "{wrong}");
        }
    }

    #[test]
    fn a_quota_is_without_limit_unless_told_otherwise() {
        assert_eq!(Ok(Quota::default()), Quota::new(0, 0));
    }

    #[test]
    fn a_wrong_quota_says_what_is_accepted() {
        let text = Quota::new(0, -1).map_err(|error| error.to_string());
        let expected =
            "cpu_millicores is a whole number from 0, which is without limit, to 2147483647";
        assert_eq!(text, Err(expected.to_owned()));
    }

    #[test]
    fn an_edit_changes_what_it_names_and_accepts_what_a_quota_does() {
        let before = Quota { memory_mb: 1, cpu_millicores: 2 };
        let after = |memory, cpu| {
            let edited = QuotaEdit::new(memory, cpu).map(|edit| before.edit(edit));
            edited.map(|quota| (quota.memory_mb, quota.cpu_millicores))
        };
        assert_eq!(after(None, None), Ok((1, 2)));
        assert_eq!(after(Some(0), None), Ok((0, 2)));
        assert_eq!(after(None, Some(7)), Ok((1, 7)));
        assert_eq!(after(Some(3), Some(4)), Ok((3, 4)));
        assert_eq!(after(Some(-1), None), Err(QuotaError { field: "memory_mb" }));
        assert_eq!(after(None, Some(Quota::MOST + 1)), Err(QuotaError { field: "cpu_millicores" }));
    }

    /// Numbers about both limits, and any.
    fn amount() -> impl Strategy<Value = i64> {
        prop_oneof![-3..3_i64, Quota::MOST - 3..Quota::MOST + 3, any::<i64>()]
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_told_back_the_same(memory in amount(), cpu in amount()) {
            let good = |amount: i64| u32::try_from(amount).is_ok_and(|a| a < 1 << 31);
            match Quota::new(memory, cpu) {
                Ok(quota) => {
                    prop_assert!(good(memory) && good(cpu));
                    prop_assert_eq!((quota.memory_mb(), quota.cpu_millicores()), (memory, cpu));
                }
                Err(QuotaError { field: "memory_mb" }) => prop_assert!(!good(memory)),
                Err(QuotaError { field }) => {
                    prop_assert!(good(memory) && !good(cpu));
                    prop_assert_eq!(field, "cpu_millicores");
                }
            }
        }
    }
}
