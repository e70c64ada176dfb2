//! What Go's own tests of `time.ParseDuration` and `Duration.String` ask for, and round trips.

use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> Result<i64, GoDurationError> {
    text.parse::<GoDuration>().map(GoDuration::as_nanos)
}

#[test]
fn every_notation_of_go_is_read() {
    let wanted = [
        ("0", 0),
        ("+0", 0),
        ("-0", 0),
        ("0s", 0),
        ("5s", 5_000_000_000),
        ("1478s", 1_478_000_000_000),
        ("-5s", -5_000_000_000),
        ("+5s", 5_000_000_000),
        ("5.0s", 5_000_000_000),
        ("5.6s", 5_600_000_000),
        ("5.s", 5_000_000_000),
        (".5s", 500_000_000),
        ("1.004s", 1_004_000_000),
        ("1.0040s", 1_004_000_000),
        ("10ns", 10),
        ("11us", 11_000),
        ("12\u{b5}s", 12_000),
        ("12\u{3bc}s", 12_000),
        ("13ms", 13_000_000),
        ("15m", 900_000_000_000),
        ("16h", 57_600_000_000_000),
        ("3h30m", 12_600_000_000_000),
        ("10.5s4m", 250_500_000_000),
        ("-2m3.4s", -123_400_000_000),
        ("0.9999999999999999999999s", 999_999_999),
        ("9223372036854775807ns", i64::MAX),
        ("9223372036854775.807us", i64::MAX),
        ("-9223372036854775808ns", i64::MIN),
    ];
    for (text, nanos) in wanted {
        assert_eq!(parse(text), Ok(nanos), "{text}");
    }
}

#[test]
fn the_reason_names_what_is_missing() {
    for text in ["", "-", "+", "s", ".", ".s", "+.s", "-.", " 1s", "--1s"] {
        assert_eq!(parse(text), Err(GoDurationError::Number), "{text}");
    }
    for text in ["3", "00", "1s3", "3."] {
        assert_eq!(parse(text), Err(GoDurationError::MissingUnit), "{text}");
    }
    for text in ["1d", "1S", "1 s", "1s ", "1e3s", "1min", "1\u{b5}"] {
        assert_eq!(parse(text), Err(GoDurationError::UnknownUnit), "{text}");
    }
    for text in [
        "9223372036854775808ns",
        "-9223372036854775809ns",
        "3000000h",
        "9223372036854775807s",
        "99999999999999999999999999999999999999999999s",
    ] {
        assert_eq!(parse(text), Err(GoDurationError::TooLong), "{text}");
    }
}

#[test]
fn it_is_printed_as_go_does() {
    let wanted = [
        (0, "0s"),
        (1, "1ns"),
        (1_100, "1.1\u{b5}s"),
        (2_200_000, "2.2ms"),
        (3_300_000_000, "3.3s"),
        (245_000_000_000, "4m5s"),
        (245_001_000_000, "4m5.001s"),
        (18_367_001_000_000, "5h6m7.001s"),
        (480_000_000_001, "8m0.000000001s"),
        (3_600_000_000_000, "1h0m0s"),
        (i64::MAX, "2562047h47m16.854775807s"),
        (i64::MIN, "-2562047h47m16.854775808s"),
    ];
    for (nanos, text) in wanted {
        assert_eq!(GoDuration::from_nanos(nanos).to_string(), text);
    }
}

proptest! {
    #[test]
    fn what_is_printed_parses_back_the_same(nanos in any::<i64>(), shift in 0_u32..63) {
        let duration = GoDuration::from_nanos(nanos >> shift);
        prop_assert_eq!(duration.to_string().parse(), Ok(duration));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[-+]?([0-9]{0,25}(\\.[0-9]{0,25})?(ns|us|µs|ms|s|m|h|d)?){0,4}|.*") {
        if let Ok(duration) = text.parse::<GoDuration>() {
            prop_assert_eq!(duration.to_string().parse(), Ok(duration));
        }
    }
}
