//! Fields of a task that is being read: each knows its path, and where a fault is noted.

use serde_json::{Map, Value};

use super::fault::{TaskFault, TaskFaultReason};
use crate::duration::GoDuration;

/// The faults that were found so far.
pub(super) type Faults = Vec<TaskFault>;

/// A value, if there is one, and the path to it. A null is none: the agent reads it so.
pub(super) struct Field<'a> {
    pub(super) value: Option<&'a Value>,
    pub(super) path: String,
}

/// An object and the path to it.
pub(super) struct Object<'a> {
    map: &'a Map<String, Value>,
    path: String,
}

impl<'a> Object<'a> {
    /// A whole task.
    pub(super) fn root(map: &'a Map<String, Value>) -> Self {
        Self { map, path: "task".to_owned() }
    }

    /// The member of this name, or its absence.
    pub(super) fn field(&self, key: &str) -> Field<'a> {
        let value = self.map.get(key).filter(|value| !value.is_null());
        Field { value, path: format!("{}.{key}", self.path) }
    }

    /// All members that are not null, whatever their names.
    pub(super) fn fields(&self) -> impl Iterator<Item = Field<'a>> {
        self.map.keys().map(|key| self.field(key)).filter(|field| field.value.is_some())
    }
}

impl<'a> Field<'a> {
    pub(super) fn fault(&self, reason: impl Into<TaskFaultReason>, faults: &mut Faults) {
        faults.push(TaskFault { field: self.path.clone(), reason: reason.into() });
    }

    fn typed<T>(
        &self,
        kind: &'static str,
        faults: &mut Faults,
        as_kind: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.value?;
        let typed = as_kind(value);
        if typed.is_none() {
            self.fault(TaskFaultReason::Type(kind), faults);
        }
        typed
    }

    pub(super) fn text(&self, faults: &mut Faults) -> Option<&'a str> {
        self.typed("a string", faults, Value::as_str)
    }

    /// A text that must be there and must not be empty.
    pub(super) fn required_text(&self, faults: &mut Faults) -> Option<&'a str> {
        self.required(faults);
        let text = self.text(faults)?;
        if text.is_empty() {
            self.fault(TaskFaultReason::Required, faults);
            return None;
        }
        Some(text)
    }

    pub(super) fn required(&self, faults: &mut Faults) {
        if self.value.is_none() {
            self.fault(TaskFaultReason::Required, faults);
        }
    }

    pub(super) fn word(
        &self,
        words: &'static [&'static str],
        faults: &mut Faults,
    ) -> Option<&'a str> {
        let text = self.text(faults)?;
        if words.contains(&text) {
            return Some(text);
        }
        self.fault(TaskFaultReason::OneOf(words), faults);
        None
    }

    /// The same, but the empty text is none: clients written in Go send it for what is left out.
    pub(super) fn word_or_none(
        &self,
        words: &'static [&'static str],
        faults: &mut Faults,
    ) -> Option<&'a str> {
        if self.value.is_some_and(|value| value == "") { None } else { self.word(words, faults) }
    }

    pub(super) fn boolean(&self, faults: &mut Faults) -> Option<bool> {
        self.typed("true or false", faults, Value::as_bool)
    }

    pub(super) fn number(&self, faults: &mut Faults) {
        self.typed("a number", faults, Value::as_f64);
    }

    pub(super) fn integer(&self, least: i64, most: i64, faults: &mut Faults) {
        let Some(value) = self.value else { return };
        if !value.as_i64().is_some_and(|number| (least..=most).contains(&number)) {
            self.fault(TaskFaultReason::Range { least, most }, faults);
        }
    }

    /// A duration that is longer than nothing. The empty text is none, as for the agent.
    pub(super) fn duration(&self, faults: &mut Faults) {
        let Some(text) = self.text(faults).filter(|text| !text.is_empty()) else { return };
        match text.parse::<GoDuration>() {
            Ok(duration) if duration.is_positive() => {}
            Ok(_) => self.fault(TaskFaultReason::NotPositive, faults),
            Err(error) => self.fault(error, faults),
        }
    }

    /// The elements of an array, and none when there is no array.
    pub(super) fn elements(&self, faults: &mut Faults) -> Vec<Field<'a>> {
        let array = self.typed("an array", faults, Value::as_array);
        let element =
            |(index, value)| Field { value: Some(value), path: format!("{}[{index}]", self.path) };
        array.into_iter().flatten().enumerate().map(element).collect()
    }

    /// An object, in which no key is a misspelling of one of `keys`.
    ///
    /// Go finds the field of a key without regard to case, so `URL` beside `url` would decide
    /// what is dialled, and nobody would have looked at it.
    pub(super) fn object(&self, keys: &[&'static str], faults: &mut Faults) -> Option<Object<'a>> {
        let map = self.typed("an object", faults, Value::as_object)?;
        for key in map.keys() {
            let meant = keys.iter().find(|known| *known != key && same_for_go(known, key));
            if let Some(meant) = meant.filter(|_| !keys.contains(&key.as_str())) {
                let field = format!("{}.{key}", self.path);
                faults.push(TaskFault { field, reason: TaskFaultReason::Spelling(meant) });
            }
        }
        Some(Object { map, path: self.path.clone() })
    }

    /// An object whose members are all texts.
    pub(super) fn texts(&self, faults: &mut Faults) {
        let Some(object) = self.object(&[], faults) else { return };
        for field in object.fields() {
            field.text(faults);
        }
    }
}

/// Whether Go takes `key` for `known`, which is ASCII: case does not count, nor do the long s and
/// the sign of Kelvin.
pub(super) fn same_for_go(known: &str, key: &str) -> bool {
    let fold = |c: char| match c {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        c => c.to_ascii_lowercase(),
    };
    known.chars().map(fold).eq(key.chars().map(fold))
}
