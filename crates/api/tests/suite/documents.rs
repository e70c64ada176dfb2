//! The documents that a register serves, and whether its answers are as they say.

use serde_json::{Map, Value};

use crate::support::{Answer, Register};

/// The documents of all faces.
pub struct Documents {
    faces: Vec<Value>,
}

/// An operation as it is described.
pub struct Described<'a> {
    /// Its name.
    pub id: &'a str,
    /// The method, in capitals.
    pub method: String,
    /// The path.
    pub path: &'a str,
    /// What is said of it.
    pub operation: &'a Value,
    document: &'a Value,
}

impl Documents {
    /// Those that this register serves.
    pub fn of(register: &Register) -> Self {
        let fetch = |face| register.request("GET", &format!("/openapi/{face}.json")).send().json();
        Self { faces: ["rainbond", "dialing", "native"].map(fetch).into() }
    }

    /// All operations.
    pub fn operations(&self) -> Vec<Described<'_>> {
        let mut found = Vec::new();
        for document in &self.faces {
            for (path, item) in document["paths"].as_object().unwrap() {
                for (method, operation) in item.as_object().unwrap() {
                    let (id, method) = (operation["operationId"].as_str(), method.to_uppercase());
                    let id = id.unwrap_or_else(|| panic!("{method} {path} has no name"));
                    found.push(Described { id, method, path, operation, document });
                }
            }
        }
        found
    }

    /// The operation of this name.
    pub fn operation(&self, id: &str) -> Described<'_> {
        let mut found = self.operations().into_iter().filter(|described| described.id == id);
        found.next().unwrap_or_else(|| panic!("{id} is not described"))
    }
}

impl Described<'_> {
    /// Checks that an answer has a status and a body of which the document speaks.
    pub fn check(&self, answer: &Answer, at: &str) {
        let described = &self.operation["responses"][answer.status().to_string()];
        assert!(described.is_object(), "{at}: status {} is not described", answer.status());
        let Some(content) = described["content"].as_object() else {
            assert_eq!(answer.text, "", "{at}: a body is not described");
            return;
        };
        let media_type = answer.header("content-type");
        let schema = content.get(media_type).map(|content| &content["schema"]);
        let schema = schema.unwrap_or_else(|| panic!("{at}: {media_type} is not described"));
        if let Err(why) = self.conforms(&answer.json(), schema) {
            panic!("{at}: not as described: {why}: {}", answer.text);
        }
    }

    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(place) => self.document.pointer(place.trim_start_matches('#')).unwrap(),
            None => schema,
        }
    }

    /// An object that has the fields of all parts.
    fn together(&self, parts: &[Value]) -> Value {
        let (mut properties, mut required) = (Map::new(), Vec::new());
        for part in parts.iter().map(|part| self.resolve(part)) {
            properties.extend(part["properties"].as_object().unwrap().clone());
            required.extend(part["required"].as_array().into_iter().flatten().cloned());
        }
        serde_json::json!({"type": "object", "properties": properties, "required": required})
    }

    fn conforms(&self, value: &Value, schema: &Value) -> Result<(), String> {
        let schema = self.resolve(schema);
        // Anything at all.
        if schema.as_object().is_some_and(|schema| schema.keys().all(|key| key == "description")) {
            return Ok(());
        }
        if let Some(choices) = schema["oneOf"].as_array() {
            let fitting = choices.iter().filter(|choice| self.conforms(value, choice).is_ok());
            let count = fitting.count();
            return if count == 1 { Ok(()) } else { Err(format!("{value} fits {count} choices")) };
        }
        if let Some(parts) = schema["allOf"].as_array() {
            return self.conforms(value, &self.together(parts));
        }
        if schema["enum"].as_array().is_some_and(|values| !values.contains(value)) {
            return Err(format!("{value} is none of {}", schema["enum"]));
        }
        let types = &schema["type"];
        let named = |name: &str| {
            types == name || types.as_array().is_some_and(|all| all.contains(&name.into()))
        };
        match value {
            Value::Null if named("null") => Ok(()),
            Value::Bool(_) if named("boolean") => Ok(()),
            Value::Number(number) if named("integer") && !number.is_f64() => Ok(()),
            Value::Number(_) if named("number") => Ok(()),
            Value::String(_) if named("string") => Ok(()),
            Value::Array(items) if named("array") => {
                items.iter().try_for_each(|item| self.conforms(item, &schema["items"]))
            }
            Value::Object(fields) if named("object") => self.object_conforms(fields, schema),
            other => Err(format!("{other} is not of type {types}")),
        }
    }

    fn object_conforms(&self, fields: &Map<String, Value>, schema: &Value) -> Result<(), String> {
        for name in schema["required"].as_array().into_iter().flatten() {
            if !fields.contains_key(name.as_str().unwrap()) {
                return Err(format!("{name} is missing"));
            }
        }
        for (name, value) in fields {
            let described = schema["properties"].get(name).or(schema.get("additionalProperties"));
            let described = described.ok_or_else(|| format!("{name} is not described"))?;
            self.conforms(value, described).map_err(|why| format!("{name}: {why}"))?;
        }
        Ok(())
    }
}
