//! Numbers for people.

/// A rate: `11,700`, `68.4`.
pub fn rate(number: f64) -> String {
    if number < 100.0 {
        return format!("{number:.1}");
    }
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A time in seconds: `81 µs`, `4.8 ms`, `1.2 s`.
pub fn time(seconds: f64) -> String {
    if seconds < 0.001 {
        format!("{:.0} µs", seconds * 1e6)
    } else if seconds < 1.0 {
        format!("{:.1} ms", seconds * 1e3)
    } else {
        format!("{seconds:.1} s")
    }
}

/// A size in MB of a million bytes.
pub fn megabytes(bytes: u64) -> f64 {
    u32::try_from(bytes / 1000).map_or(f64::INFINITY, |kilobytes| f64::from(kilobytes) / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!(
            [68.44, 999.6, 118_800.0, 1_234_567.0].map(rate),
            ["68.4", "1,000", "118,800", "1,234,567"]
        );
        assert_eq!([0.000_081, 0.0048, 1.24].map(time), ["81 µs", "4.8 ms", "1.2 s"]);
        assert!((megabytes(40_000_000) - 40.0).abs() < f64::EPSILON);
    }
}
