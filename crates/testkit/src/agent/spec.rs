//! A task as an agent reads it out of the string that it is delivered in (dialing contract, sections
//! 2.3 and 3.2).

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::rules::{Rule, Times};
use super::url::Url;

/// What is common to all classes, and the fields of each.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names of the contract")]
pub struct Spec {
    pub external_id: String,
    pub access_key: String,
    pub owner_external_id: String,
    pub name: String,
    pub post_url: String,
    pub status: String,
    pub frequency: String,
    pub schedule_type: String,
    pub crontab: String,
    pub update_time: i64,
    pub tags: BTreeMap<String, String>,
    pub df_label: String,
    pub config_vars: Vec<ConfigVar>,
    pub url: String,
    pub method: String,
    pub post_mode: String,
    pub post_script: String,
    pub host: String,
    pub port: String,
    pub server_name: String,
    pub message: String,
    pub timeout: String,
    pub success_when: Vec<Rule>,
    pub success_when_logic: String,
    pub advance_options: Advance,
    pub steps: Vec<Step>,
}

/// A variable that a task uses.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names of the contract")]
pub struct ConfigVar {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub name: String,
    pub value: String,
    pub secure: bool,
}

/// How an HTTP request is made.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names of the contract")]
pub struct Advance {
    pub request_options: Option<RequestOptions>,
    pub request_body: RequestBody,
    pub certificate: Certificate,
    pub request_timeout: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names of the contract")]
pub struct RequestOptions {
    pub follow_redirect: bool,
    pub headers: BTreeMap<String, String>,
    pub cookies: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names of the contract")]
pub struct RequestBody {
    pub body_type: String,
    pub body: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names of the contract")]
pub struct Certificate {
    pub ignore_server_certificate_error: bool,
}

/// A step of a task with several.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names of the contract")]
pub struct Step {
    #[serde(rename = "type")]
    pub kind: String,
    pub name: String,
    pub allow_failure: bool,
    pub retry: Retry,
    pub task: String,
    pub value: i64,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names of the contract")]
pub struct Retry {
    pub retry: u32,
    pub interval: u32,
}

/// A task that was delivered, with the text that it came in.
#[derive(Debug, Clone)]
pub struct Delivered {
    /// The key of the answer under which it came.
    pub class: String,
    /// What it says.
    pub spec: Spec,
    /// The same, as it was written.
    pub raw: Value,
}

impl Delivered {
    /// Reads a task. What has another shape than the agent's own types is dropped, and the cursor
    /// does not pass it.
    ///
    /// # Errors
    /// What the agent would log.
    pub fn read(class: &str, text: &str) -> Result<Self, String> {
        let raw: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let spec =
            Spec::deserialize(without_nulls(raw.clone())).map_err(|error| error.to_string())?;
        Ok(Self { class: class.to_owned(), spec, raw })
    }

    /// What stays the same as long as a task lives in an agent.
    #[must_use]
    pub fn identity(&self) -> String {
        format!("{}_{}", self.spec.access_key, self.spec.external_id)
    }

    /// Whether it is to be stopped.
    #[must_use]
    pub fn is_stop(&self) -> bool {
        self.spec.status.eq_ignore_ascii_case("stop")
    }

    /// How often it is dialled.
    ///
    /// # Panics
    /// When the frequency is zero, as the agent does.
    #[must_use]
    pub fn interval(&self) -> Option<Duration> {
        let interval = duration(&self.spec.frequency)?;
        assert!(
            !interval.is_zero(),
            "a frequency of zero panics the dialer of {}",
            self.identity()
        );
        Some(interval)
    }

    /// Why the agent drops the task when it starts it, if it does.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        let spec = &self.spec;
        if self.interval().is_none() {
            return Some(format!("frequency {:?}", spec.frequency));
        }
        let post_url = Url::parse(&spec.post_url);
        if post_url.and_then(|url| url.parameter("token").map(str::to_owned)).is_none() {
            return Some("post_url without token".to_owned());
        }
        match self.class.as_str() {
            "MULTI" => spec.steps.is_empty().then(|| "no steps".to_owned()),
            "HTTP" if spec.post_mode == "script" => {
                spec.post_script.is_empty().then(|| "no script".to_owned())
            }
            _ if spec.success_when.is_empty() => Some("no success rule".to_owned()),
            class => spec.success_when.iter().find_map(|rule| rule.fault(class == "HTTP")),
        }
    }

    /// The part of the task that its results show: what belongs to its class alone.
    #[must_use]
    pub fn class_part(&self) -> Value {
        const COMMON: [&str; 16] = [
            "external_id",
            "access_key",
            "owner_external_id",
            "name",
            "post_url",
            "status",
            "frequency",
            "schedule_type",
            "crontab",
            "update_time",
            "tags",
            "df_label",
            "config_vars",
            "region",
            "workspace_language",
            "disabled",
        ];
        let mut part = self.raw.clone();
        if let Value::Object(fields) = &mut part {
            fields.retain(|name, _| !COMMON.contains(&name.as_str()));
        }
        part
    }

    /// The task with the values of its variables in place of `{{name}}`, but not in the text that it
    /// came in: results show that.
    #[must_use]
    pub fn filled(&self, values: &BTreeMap<String, String>) -> Self {
        if values.is_empty() {
            return self.clone();
        }
        let spec = Spec::deserialize(without_nulls(filled(self.raw.clone(), values)));
        Self { spec: spec.unwrap_or_else(|_| self.spec.clone()), ..self.clone() }
    }
}

/// In Go, a null leaves a field as it was.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(fields.map(|(name, value)| (name, without_nulls(value))).collect())
        }
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        value => value,
    }
}

fn filled(value: Value, values: &BTreeMap<String, String>) -> Value {
    match value {
        Value::String(text) if text.contains("{{") => {
            let fill = |text: String, (name, value): (&String, &String)| {
                let forms = [format!("{{{{{name}}}}}"), format!("{{{{ {name} }}}}")];
                forms.iter().fold(text, |text, form| text.replace(form, value))
            };
            values.iter().fold(text, fill).into()
        }
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (name, filled(value, values))).collect()
        }
        Value::Array(items) => items.into_iter().map(|item| filled(item, values)).collect(),
        value => value,
    }
}

/// A duration as Go writes it, as `1m30s` or `100ms`.
#[must_use]
pub fn duration(text: &str) -> Option<Duration> {
    let (mut rest, mut all) = (text, Duration::ZERO);
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let seconds = match &rest[..end] {
            "ns" => 1e-9,
            "us" | "µs" | "μs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return None,
        };
        all += Duration::from_secs_f64(number * seconds);
        rest = &rest[end..];
    }
    (!text.is_empty()).then_some(all)
}

impl Rule {
    /// What the agent does not accept in it.
    fn fault(&self, is_http: bool) -> Option<String> {
        match &self.response_time {
            Some(Times::Text(text)) if !text.is_empty() && duration(text).is_none() => {
                return Some(format!("duration {text:?}"));
            }
            Some(Times::Text(_)) if !is_http => return Some("response_time is a text".to_owned()),
            Some(Times::Rules(_)) if is_http => return Some("response_time is a list".to_owned()),
            Some(Times::Rules(rules)) => {
                let wrong = rules.iter().find(|rule| duration(&rule.target).is_none());
                if let Some(wrong) = wrong {
                    return Some(format!("duration {:?}", wrong.target));
                }
            }
            _ => {}
        }
        self.options().find_map(super::rules::TextRule::fault)
    }
}
