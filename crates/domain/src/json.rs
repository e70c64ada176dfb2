//! JSON as it must be: no key twice in an object, nothing nested deeper than 64 levels, and no more
//! values than a request needs.
//!
//! Two readers of an object with the same key twice may see two different objects, and a register
//! must not be the place where that matters. A value of two bytes in a text takes some hundred bytes
//! in memory, so the number of values is limited while they are read, and not afterwards.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The deepest nesting of arrays and objects.
pub const DEEPEST: usize = 64;

/// The most values in one text: each scalar, array and object counts as one.
///
/// The largest bodies that make sense have about half of that: a dial task has at most 65,536
/// characters, and lists of identifiers have at most 1,000 elements.
pub const MOST_VALUES: usize = 20_000;

/// The value of a JSON text.
///
/// # Errors
/// What is wrong with it, and where.
pub fn parse(text: &[u8]) -> Result<Value, serde_json::Error> {
    parse_at_most(text, MOST_VALUES)
}

/// The value of a JSON text in which at most so many values stand.
///
/// # Errors
/// What is wrong with it, and where.
pub fn parse_at_most(text: &[u8], values: usize) -> Result<Value, serde_json::Error> {
    let mut parser = serde_json::Deserializer::from_slice(text);
    let left = Cell::new(values);
    let value = Strict { levels: DEEPEST, left: &left, most: values }.deserialize(&mut parser)?;
    parser.end()?;
    Ok(value)
}

/// How many values there are: the value itself, and all within.
#[must_use]
pub fn count(value: &Value) -> usize {
    let within: usize = match value {
        Value::Array(elements) => elements.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    };
    within + 1
}

/// How many levels of arrays and objects a value has; none if it is neither.
#[must_use]
pub fn depth(value: &Value) -> usize {
    let deepest = match value {
        Value::Array(elements) => elements.iter().map(depth).max(),
        Value::Object(fields) => fields.values().map(depth).max(),
        _ => return 0,
    };
    deepest.unwrap_or_default() + 1
}

/// Reads a value that may nest so many levels more, and in which so many values may stand.
#[derive(Clone, Copy)]
struct Strict<'a> {
    levels: usize,
    left: &'a Cell<usize>,
    most: usize,
}

impl Strict<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        let levels = self.levels.checked_sub(1);
        levels
            .map(|levels| Self { levels, ..self })
            .ok_or_else(|| E::custom(format_args!("nested deeper than {DEEPEST} levels")))
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<Value, D::Error> {
        let Some(left) = self.left.get().checked_sub(1) else {
            return Err(D::Error::custom(format_args!("more than {} values", self.most)));
        };
        self.left.set(left);
        parser.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut values = Vec::new();
        while let Some(value) = array.next_element_seed(inner)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut fields = Map::new();
        while let Some(key) = object.next_key::<String>()? {
            if fields.contains_key(&key) {
                return Err(A::Error::custom("a key stands twice in one object"));
            }
            fields.insert(key, object.next_value_seed(inner)?);
        }
        Ok(Value::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn values_of_every_kind_are_read() {
        let text = br#" {"a":[null,true,1,-1,1.5,"\u4e2d",{}],"b":18446744073709551615} "#;
        let value = json!({"a":[null,true,1,-1,1.5,"中",{}],"b":18_446_744_073_709_551_615_u64});
        assert_eq!(parse(text).expect("valid"), value);
    }

    #[test]
    fn a_key_that_stands_twice_is_refused_at_every_depth() {
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"a":2}}]"#, r#"{"a":1,"\u0061":2}"#] {
            let error = parse(text.as_bytes()).expect_err(text).to_string();
            assert!(error.contains("twice"), "{error}");
        }
        assert!(parse(br#"{"a":{"a":1}}"#).is_ok());
    }

    #[test]
    fn sixty_four_levels_are_enough() {
        let nested = |n| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(parse(nested(64).as_bytes()).is_ok());
        assert!(parse(nested(65).as_bytes()).is_err());
        assert!(parse("[".repeat(1_000_000).as_bytes()).is_err());
        assert!(parse(r#"{"a":"#.repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn a_text_has_only_so_many_values() {
        let list = |element: &str, count: usize| format!("[{}]", vec![element; count].join(","));
        for (element, most) in [("0", MOST_VALUES - 1), ("[]", MOST_VALUES - 1)] {
            assert_eq!(parse(list(element, most).as_bytes()).map(|v| count(&v)).ok(), Some(20_000));
            let error = parse(list(element, most + 1).as_bytes()).expect_err("one too many");
            assert!(error.to_string().starts_with("more than 20000 values at line 1"), "{error}");
        }
        let pairs = |count: usize| {
            format!(
                "{{{}}}",
                (0..count).map(|n| format!("\"{n}\":{{}}")).collect::<Vec<_>>().join(",")
            )
        };
        assert!(parse(pairs(MOST_VALUES - 1).as_bytes()).is_ok());
        assert!(parse(pairs(MOST_VALUES).as_bytes()).is_err());
        assert!(parse_at_most(b"[1,2]", 3).is_ok() && parse_at_most(b"[1,2]", 2).is_err());
        assert!(parse_at_most(b"1", 0).is_err());
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in ["", "{", "{}{}", "nul", r#""\ud800""#, "\u{feff}{}", "[1,]", "01", "1e999"] {
            assert!(parse(text.as_bytes()).is_err(), "{text:?}");
        }
        assert!(parse(b"\"\xff\"").is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_panic_and_what_parses_prints_back_the_same(text in r#"[\[\]{}",:a-c0-9.\\ eEu+-]{0,60}"#) {
            if let Ok(value) = parse(text.as_bytes()) {
                let printed = value.to_string();
                prop_assert_eq!(parse(printed.as_bytes()).ok(), Some(value));
            }
        }

        #[test]
        fn no_random_bytes_panic(bytes: Vec<u8>) {
            let _ = parse(&bytes);
        }
    }
}
