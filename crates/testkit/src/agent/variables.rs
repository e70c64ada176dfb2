//! Variables of tasks (dialing contract, section 3.6). No script is run: what one would compute is
//! the answer of the dial, cut to 64 characters.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Agent;
use super::spec::Spec;

/// A variable as it is delivered.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Variable {
    uuid: String,
    value: String,
    task_id: String,
    owner_external_id: String,
    updated_at: i64,
    deleted_at: i64,
}

impl Agent {
    pub(super) fn take_variables(&mut self, given: &Value, dropped: &mut Vec<String>) {
        let text = given.as_str().unwrap_or_default();
        match serde_json::from_str::<Vec<Variable>>(text) {
            Ok(variables) => {
                for variable in variables {
                    self.variable_since = self.variable_since.max(variable.updated_at);
                    if variable.deleted_at > 0 {
                        self.variables.remove(&variable.uuid);
                    } else {
                        self.variables.insert(variable.uuid.clone(), variable);
                    }
                }
            }
            Err(error) => dropped.push(format!("variables: {error}: {given}")),
        }
    }

    /// The values of the variables that a task uses, by the names that it gives them.
    pub(super) fn values_of(&self, spec: &Spec) -> BTreeMap<String, String> {
        let value = |id: &str| self.variables.get(id).map(|variable| variable.value.clone());
        let value = |var: &super::spec::ConfigVar| {
            let known = if var.kind == "global" { value(&var.id) } else { None };
            (var.name.clone(), known.unwrap_or_else(|| var.value.clone()))
        };
        spec.config_vars.iter().map(value).collect()
    }

    /// Tells the server what the variables that are computed by a task are now. A failed post is
    /// dropped.
    pub(super) fn post_computed(&self, spec: &Spec, answer: &str, now: DateTime<Utc>) {
        let computed = self.variables.values().filter(|variable| {
            variable.task_id == spec.external_id
                && variable.owner_external_id == spec.owner_external_id
        });
        let value: String = answer.chars().take(64).collect();
        let updated_at = self.clock(now).timestamp();
        let told = |variable: &Variable| {
            json!({
                "uuid": variable.uuid,
                "value": value,
                "updated_at": updated_at,
                "owner_external_id": variable.owner_external_id,
            })
        };
        let told: Vec<_> = computed.map(told).collect();
        if !told.is_empty() {
            let path = format!("/v1/variable/update/{}", self.settings.region_id);
            let _ = self.call("POST", (&path, ""), Value::from(told).to_string().as_bytes(), now);
        }
    }

    /// What it knows of a variable.
    #[must_use]
    pub fn variable(&self, uuid: &str) -> Option<&str> {
        self.variables.get(uuid).map(|variable| variable.value.as_str())
    }
}
