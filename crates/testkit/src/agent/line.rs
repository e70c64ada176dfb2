//! Points as an agent writes them: line protocol (dialing contract, section 3.5).

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A value of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    /// With an `i` behind it.
    Integer(i64),
    /// Bare.
    Float(f64),
    /// In double quotes.
    Text(String),
}

impl From<i64> for Field {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<f64> for Field {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<String> for Field {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

/// A point.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Point {
    /// What was measured.
    pub measurement: String,
    /// Its tags; those without a value are not written.
    pub tags: BTreeMap<String, String>,
    /// Its fields.
    pub fields: BTreeMap<String, Field>,
    /// When, in nanoseconds since 1970.
    pub at_ns: i64,
}

impl Point {
    /// Puts a tag on it.
    pub fn tag(&mut self, name: &str, value: impl Into<String>) {
        self.tags.insert(name.to_owned(), value.into());
    }

    /// Puts a field into it.
    pub fn field(&mut self, name: &str, value: impl Into<Field>) {
        self.fields.insert(name.to_owned(), value.into());
    }

    /// The line, with the end of line behind it.
    #[must_use]
    pub fn line(&self) -> String {
        let mut line = escaped(&self.measurement, &[',', ' ']);
        for (name, value) in self.tags.iter().filter(|(_, value)| !value.is_empty()) {
            let special = [',', '=', ' '];
            let _ = write!(line, ",{}={}", escaped(name, &special), escaped(value, &special));
        }
        for (place, (name, value)) in self.fields.iter().enumerate() {
            let before = if place == 0 { ' ' } else { ',' };
            let _ = write!(line, "{before}{}=", escaped(name, &[',', '=', ' ']));
            let _ = match value {
                Field::Integer(value) => write!(line, "{value}i"),
                Field::Float(value) => write!(line, "{value}"),
                Field::Text(value) => write!(line, "\"{}\"", escaped(value, &['"', '\\'])),
            };
        }
        let _ = writeln!(line, " {}", self.at_ns);
        line
    }
}

fn escaped(text: &str, special: &[char]) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if special.contains(&c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_written_as_the_contract_shows() {
        let mut point = Point { measurement: "m".to_owned(), at_ns: 7, ..Point::default() };
        point.tag("status_code_string", "200 OK");
        point.tag("df_label", r#"["team:net","x"]"#);
        point.tag("city", "");
        point.field("success", 1);
        point.field("response_dns", 0.0);
        point.field("response_ttfb", 1564.186);
        point.field("message", r#"{"a":"b\n"}"#.to_owned());
        let expected = concat!(
            r#"m,df_label=["team:net"\,"x"],status_code_string=200\ OK "#,
            r#"message="{\"a\":\"b\\n\"}",response_dns=0,response_ttfb=1564.186,success=1i 7"#,
            "\n"
        );
        assert_eq!(point.line(), expected);
    }
}
