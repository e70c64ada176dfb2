use proptest::prelude::*;

use super::*;

fn labels(pairs: &[(&str, &str)]) -> Result<Labels, LabelError> {
    let pairs = pairs.iter().map(|&(key, value)| (key.to_owned(), value.to_owned()));
    Labels::try_from(pairs.collect::<BTreeMap<_, _>>())
}

fn with_key(key: &str) -> Result<Labels, LabelError> {
    labels(&[(key, "v")])
}

fn with_value(value: &str) -> Result<Labels, LabelError> {
    labels(&[("k", value)])
}

#[test]
fn keys_are_words_that_begin_and_end_with_a_letter_or_digit() {
    let longest = "k".repeat(63);
    for key in ["a", "7", "Zone", "example.com/rack-3_b", "a--b", "a//b", &longest] {
        assert!(with_key(key).is_ok(), "{key}");
    }
    let too_long = "k".repeat(64);
    for key in ["", "-", "a-", ".a", "/a", "a b", "a=b", "a,b", "é", "区", "a\n", "a\0b", &too_long]
    {
        assert_eq!(with_key(key), Err(LabelError::Key), "{key:?}");
    }
}

#[test]
fn values_are_short_lines() {
    let longest = "区".repeat(63);
    for value in ["", " ", "a=b,c", "\"", "{}", &longest] {
        assert!(with_value(value).is_ok(), "{value}");
    }
    let refused = |error| Err(LabelError::Value { key: "k".to_owned(), error });
    assert_eq!(with_value(&"区".repeat(64)), refused(TextError::TooLong(63)));
    for c in ['\0', '\n', '\r', '\t', '\u{7f}', '\u{85}'] {
        assert_eq!(with_value(&c.to_string()), refused(TextError::Char(c)));
    }
}

#[test]
fn sixty_four_are_enough() {
    let pairs = |count: usize| -> BTreeMap<_, _> {
        (0..count).map(|n| (format!("k{n}"), String::new())).collect()
    };
    assert_eq!(Labels::try_from(pairs(64)).map(|labels| labels.len()), Ok(64));
    assert_eq!(Labels::try_from(pairs(65)), Err(LabelError::TooMany(65)));
}

#[test]
fn changes_give_values_and_take_keys_away() {
    let before = labels(&[("a", "1"), ("b", "2"), ("c", "3")]).expect("labels");
    let change = |key: &str, value: Option<&str>| (key.to_owned(), value.map(str::to_owned));
    let changes =
        [change("a", None), change("b", Some("x")), change("d", Some("")), change("!", None)];
    assert_eq!(
        Ok(before.changed(changes).expect("labels")),
        labels(&[("b", "x"), ("c", "3"), ("d", "")])
    );
    assert_eq!(before.changed([change("!", Some(""))]), Err(LabelError::Key));
    let many = (0..62).map(|n| change(&format!("k{n}"), Some("")));
    assert_eq!(before.changed(many), Err(LabelError::TooMany(65)));
    assert_eq!(before.changed([]), Ok(before));
}

#[test]
fn an_error_names_a_key_only_if_it_is_one() {
    let told = |refused: Result<Labels, LabelError>| refused.map_err(|error| error.to_string());
    let rule = "the key of a label is not 1 to 63 letters, digits, '.', '_', '/' and '-' \
                that begin and end with a letter or digit";
    for key in ["a\n".to_owned(), "区".repeat(1_000)] {
        assert_eq!(told(with_key(&key)), Err(rule.to_owned()));
    }
    let value = r#"the value of the label "k" must not contain '\n'"#;
    assert_eq!(told(with_value("\n")), Err(value.to_owned()));
    assert_eq!(LabelError::TooMany(65).to_string(), "there are at most 64 labels, not 65");
}

#[test]
fn they_are_kept_as_an_object_in_the_order_of_keys() {
    let kept = labels(&[("b", "2"), ("a/x", "1 \"q\""), ("B", "")]).map(String::from);
    assert_eq!(kept.as_deref(), Ok(r#"{"B":"","a/x":"1 \"q\"","b":"2"}"#));
    assert_eq!(String::from(Labels::default()), "{}");
    assert_eq!(Labels::try_from("{}".to_owned()), Ok(Labels::default()));
}

#[test]
fn what_is_no_object_of_texts_is_refused() {
    for text in ["", "null", "[]", "\"a\"", r#"{"a":1}"#, r#"{"a":null}"#, r#"{"a":"1"} x"#, "{"] {
        assert_eq!(Labels::try_from(text.to_owned()), Err(LabelError::Json), "{text}");
    }
    let key = Labels::try_from(r#"{"a b":"1"}"#.to_owned());
    assert_eq!(key, Err(LabelError::Key));
}

#[test]
fn values_are_found_by_their_keys() -> Result<(), LabelError> {
    let labels = labels(&[("zone", "b"), ("tier", "1")])?;
    assert_eq!((labels.get("zone"), labels.get("Zone")), (Some("b"), None));
    assert_eq!(labels.iter().collect::<Vec<_>>(), [("tier", "1"), ("zone", "b")]);
    assert!(!labels.is_empty() && Labels::default().is_empty());
    Ok(())
}

proptest! {
    #[test]
    fn what_is_made_of_pairs_gives_them_back_and_prints_and_reads_the_same(
        pairs in prop::collection::btree_map("[A-Za-z0-9]([A-Za-z0-9._/-]{0,6}[A-Za-z0-9])?", "\\PC{0,63}", 0..70),
    ) {
        if let Ok(labels) = Labels::try_from(pairs.clone()) {
            let text = String::from(labels.clone());
            prop_assert_eq!(Labels::try_from(text.clone()), Ok(labels.clone()));
            prop_assert_eq!(Labels::try_from(text.clone()).map(String::from), Ok(text));
            prop_assert_eq!(BTreeMap::from(labels), pairs);
        } else {
            prop_assert!(pairs.len() > Labels::MOST);
        }
    }

    #[test]
    fn no_pairs_panic(pairs in prop::collection::btree_map(".{0,70}", ".{0,70}", 0..5)) {
        if let Err(error) = Labels::try_from(pairs.clone()) {
            match &error {
                LabelError::Key => prop_assert!(!pairs.keys().all(|key| is_key(key))),
                LabelError::Value { key, .. } => prop_assert!(pairs.contains_key(key)),
                other => return Err(TestCaseError::fail(other.to_string())),
            }
            prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn no_text_panics(text in r#".*|\{("[a-z]{0,2}":("[a-z]{0,2}"|1),?){0,3}\}"#) {
        if let Ok(labels) = Labels::try_from(text) {
            let text = String::from(labels.clone());
            prop_assert_eq!(Labels::try_from(text), Ok(labels));
        }
    }
}
