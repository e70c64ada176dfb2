//! The seed of everything that a test draws at random.

use std::hash::{BuildHasher as _, RandomState};

/// The variable that sets the seed, to repeat a run that failed.
pub const VARIABLE: &str = "CADASTRE_TEST_SEED";

/// The seed of the random input of one test: another one in each run, unless [`VARIABLE`] sets it.
/// A test that fails while it has this prints it.
#[derive(Debug)]
pub struct Seed(u64);

impl Seed {
    /// The seed that is set, or a fresh one.
    ///
    /// # Panics
    /// When what is set is not a number of 64 bits.
    #[must_use]
    pub fn obtain() -> Self {
        #[expect(clippy::disallowed_methods, reason = "tests have no settings but this one")]
        let set = std::env::var(VARIABLE);
        Self::of(set.ok().as_deref())
    }

    fn of(set: Option<&str>) -> Self {
        let Some(text) = set.filter(|text| !text.is_empty()) else {
            // The standard library takes the keys of its hash maps from the system.
            return Self(RandomState::new().hash_one(VARIABLE));
        };
        let number = text.parse().ok();
        Self(number.unwrap_or_else(|| panic!("{VARIABLE}={text} is not a number of 64 bits")))
    }

    /// What to seed a generator of random numbers with.
    #[must_use]
    pub const fn value(&self) -> u64 {
        self.0
    }
}

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("To repeat the random input of this test, set {VARIABLE}={}", self.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_fresh_unless_it_is_set() {
        assert_eq!(Seed::of(Some("17")).value(), 17);
        for unset in [None, Some("")] {
            // Of so many fresh ones, two are different.
            let first = Seed::of(unset).value();
            assert!((0..64).any(|_| Seed::of(unset).value() != first));
        }
    }

    #[test]
    #[should_panic(expected = "CADASTRE_TEST_SEED=x is not a number of 64 bits")]
    fn a_seed_that_is_no_number_is_refused() {
        let _ = Seed::of(Some("x"));
    }
}
