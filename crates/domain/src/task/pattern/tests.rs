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
        "(?s:.)",
        r"\x{10FFFF}",
        r"\pL",
        r"\p{Greek}",
        r"\p{Lu}\P{Cs}",
        r"[\p{Old_Italic}\PN]",
        r"\p{Any}",
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
        "(?<n>a)",
        r"\p{Nope}",
        r"\p{Alphabetic}",
        r"\p{Emoji}",
        r"\p{Lowercase_Letter}",
        r"\p{Control}",
        r"\p{Latn}",
        r"\p{Grek}",
        r"\p{Cn}",
        r"\p{LC}",
        r"\p{greek}",
        r"\p{Kawi}",
        r"\p{^Greek}",
        r"\p{}",
        r"\pX",
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

#[test]
fn who_names_a_group_without_p_is_told_how_it_is_written() {
    let told = check("(?<n>a)").map_err(|error| error.to_string());
    assert_eq!(
        told,
        Err("is no regular expression in RE2 syntax: a named group without P, which is written \
             (?P<name>…)"
            .to_owned())
    );
}

proptest! {
    #[test]
    fn any_text_is_decided(pattern in r"[\[\]\\{}()|*+?^$.:&~,QEpxabu0-9中-]{0,24}|.*") {
        let _ = check(&pattern);
    }
}

#[test]
fn braces_and_brackets_that_are_never_closed_are_characters() {
    for text in
        ["{", "a{1", "a{1,", "a{1,2", "{1{2{3", "a{,2}", "a{x}", "[[:alpha]", "[[:", "[[:a[:]"]
    {
        assert_eq!(check(text).is_ok(), text != "[[:", "{text}");
    }
    // In a time that grows with the length, and not with its square.
    for piece in ["{", "{1", "[:", "\\x{", "\\p{", "[[:a"] {
        let _ = check(&piece.repeat(60_000));
    }
}
