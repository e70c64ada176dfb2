//! When a dial counts as a success.

use std::collections::BTreeMap;

use regex_lite::Regex;
use serde::Deserialize;

/// One element of `success_when`: all conditions of all classes.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names of the contract")]
pub struct Rule {
    pub body: Vec<TextRule>,
    pub status_code: Vec<TextRule>,
    pub header: BTreeMap<String, Vec<TextRule>>,
    pub response_time: Option<Times>,
    pub response_message: Vec<TextRule>,
    pub hops: Vec<NumberRule>,
    pub packet_loss_percent: Vec<NumberRule>,
    pub packets: Vec<NumberRule>,
    pub ssl_cert_expires_in_days: Vec<NumberRule>,
    pub tls_version: Vec<TextRule>,
}

/// A limit of HTTP, or the list of other classes.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "the forms of the contract")]
pub enum Times {
    Text(String),
    Rules(Vec<TimeRule>),
}

/// How long a dial may take.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names of the contract")]
pub struct TimeRule {
    pub is_contain_dns: bool,
    pub func: String,
    pub op: String,
    pub target: String,
}

/// What a number has to be.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names of the contract")]
pub struct NumberRule {
    pub op: String,
    pub target: f64,
}

/// What a text has to be. The first two decide alone when they are there.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names of the contract")]
pub struct TextRule {
    pub is: String,
    pub is_not: String,
    pub contains: String,
    pub not_contains: String,
    pub match_regex: String,
    pub not_match_regex: String,
}

impl TextRule {
    /// What the agent does not accept in it.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        let patterns = [&self.match_regex, &self.not_match_regex];
        let wrong = patterns.into_iter().find(|text| Regex::new(text).is_err());
        wrong.map(|text| format!("regex {text:?}"))
    }

    /// Why the text `what` is not as it should be.
    #[must_use]
    pub fn check(&self, what: &str, text: &str) -> Option<String> {
        if !self.is.is_empty() {
            return (text != self.is).then(|| format!("{what} is {text:?}, not {:?}", self.is));
        }
        if !self.is_not.is_empty() {
            return (text == self.is_not).then(|| format!("{what} is {text:?}"));
        }
        let matches = |pattern: &str| Regex::new(pattern).is_ok_and(|regex| regex.is_match(text));
        let found = [
            (&self.contains, text.contains(&self.contains), "does not contain"),
            (&self.not_contains, !text.contains(&self.not_contains), "contains"),
            (&self.match_regex, matches(&self.match_regex), "does not match"),
            (&self.not_match_regex, !matches(&self.not_match_regex), "matches"),
        ];
        let mut failed = found.into_iter().filter(|(given, holds, _)| !given.is_empty() && !holds);
        failed.next().map(|(given, _, verb)| format!("{what} {verb} {given:?}"))
    }
}

impl NumberRule {
    /// Why the number `what` is not as it should be.
    #[must_use]
    pub fn check(&self, what: &str, number: f64) -> Option<String> {
        let holds = match self.op.as_str() {
            "eq" => (number - self.target).abs() < f64::EPSILON,
            "lt" => number < self.target,
            "leq" => number <= self.target,
            "gt" => number > self.target,
            "geq" => number >= self.target,
            _ => return Some(format!("the operator {:?} is not known", self.op)),
        };
        (!holds).then(|| format!("{what} is {number}, not {} {}", self.op, self.target))
    }
}

impl Rule {
    /// All that it says about texts.
    pub(super) fn options(&self) -> impl Iterator<Item = &TextRule> {
        let lists = [&self.body, &self.status_code, &self.response_message, &self.tls_version];
        lists.into_iter().chain(self.header.values()).flatten()
    }
}

/// How the conditions of a task came out.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Why it failed.
    pub reasons: Vec<String>,
    /// Whether any condition held.
    pub any_held: bool,
}

impl Verdict {
    /// Takes what one condition says.
    pub fn take(&mut self, failed: Option<String>) {
        match failed {
            Some(reason) => self.reasons.push(reason),
            None => self.any_held = true,
        }
    }

    /// Whether the dial succeeded: with `or` when any condition held, else when all did.
    #[must_use]
    pub fn is_success(&self, logic: &str) -> bool {
        if logic == "or" { self.any_held } else { self.reasons.is_empty() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_two_options_decide_alone_and_an_empty_one_passes() {
        let rule = |json: &str| serde_json::from_str::<TextRule>(json).expect("a rule");
        for (json, text, holds) in [
            (r#"{"is": "200", "contains": "x"}"#, "200", true),
            (r#"{"is": "200"}"#, "201", false),
            (r#"{"is_not": "a"}"#, "a", false),
            (r#"{"contains": "b", "match_regex": "^a"}"#, "abc", true),
            (r#"{"contains": "b", "match_regex": "^b"}"#, "abc", false),
            (r#"{"not_contains": "b"}"#, "abc", false),
            (r#"{"not_match_regex": "c$"}"#, "abc", false),
            ("{}", "anything", true),
        ] {
            assert_eq!(rule(json).check("it", text).is_none(), holds, "{json} {text}");
        }
    }

    #[test]
    fn numbers_are_compared_as_the_operator_says() {
        for (op, holds) in
            [("eq", false), ("lt", true), ("leq", true), ("gt", false), ("geq", false), ("", false)]
        {
            let rule = NumberRule { op: op.to_owned(), target: 2.0 };
            assert_eq!(rule.check("it", 1.0).is_none(), holds, "{op}");
        }
    }
}
