//! The middle of several measurements.

/// The median; of an even number the higher of the two in the middle.
///
/// # Panics
/// When there is nothing to take the middle of.
pub fn median(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.into_iter().collect();
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_middle_one_counts() {
        assert!((median([3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median([1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
    }
}
