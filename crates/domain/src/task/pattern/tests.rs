//! Which regular expressions Go compiles, and which it does not.

use proptest::prelude::*;

use super::*;

#[test]
fn what_go_compiles_passes() {
    for pattern in [
        "",
        "ok",
        "^2..$",
        r#"{"code":200}"#,
        "a{2}",
        "a{2,}",
        "a{2,3}",
        "a{,3}x",
        "{",
        "a{b}",
        r"\d+\.\d*",
        r"\Qa.b{[\E+",
        r"\Q",
        "[[]",
        "[]a]",
        "[^]a]",
        "[a&&b]",
        "[~~]",
        "[[:alpha:]_]",
        "(?i)x",
        "(?P<n>a)",
        "(?<n>a)",
        "(?s:.)",
        r"\x{10FFFF}",
        r"\pL",
        r"\p{Greek}",
        r"\bfoo\B",
        r"\A\z",
        "a*?",
        "(a*)*",
        "(a{10}){100}",
        r"[\d\-x]",
        r"\123",
        "中{2}",
    ] {
        assert_eq!(check(pattern), Ok(()), "{pattern}");
    }
}

#[test]
fn a_pattern_full_of_properties_is_read_one_by_one() {
    assert_eq!(check(&r"\pL".repeat(20_000)), Ok(()));
    assert_eq!(check(r"\<html\>[\<\>]"), Ok(()));
}

#[test]
fn what_go_refuses_is_refused() {
    for pattern in [
        "([",
        "(",
        ")",
        "*",
        "a**",
        "a{2}{3}",
        "[b-a]",
        r"\",
        r"\8",
        "(?=a)",
        "(?!a)",
        "(?<=a)",
        r"(a)\1",
        "(?x)a",
        "(?u)a",
        "(?R)a",
        r"\u0041",
        r"\U00000041",
        r"\p{Nope}",
        r"\p{letter}",
        r"\p{gc=Lu}",
        "a{1001}",
        "(a{100}){11}",
        r"\b{start}",
        "[a--b]",
        "(?P<a.b>x)",
        r"\h",
    ] {
        assert!(check(pattern).is_err(), "{pattern}");
    }
}

proptest! {
    #[test]
    fn any_text_is_decided(pattern in r"[\[\]\\{}()|*+?^$.:&~,QEpxabu0-9中-]{0,24}|.*") {
        let _ = check(&pattern);
    }
}
