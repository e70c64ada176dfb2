//! Fields of a task that is being read: each knows its path, and where a fault is noted.

use std::fmt;
use std::rc::Rc;

use serde_json::{Map, Value};

pub(super) use super::fault::Faults;
use super::fault::TaskFaultReason;
use crate::duration::GoDuration;

/// The way to a value, which is printed only where there is a fault. Values with the same parent
/// share the way to it.
#[derive(Clone)]
pub(super) struct Path<'a> {
    parent: Option<Rc<Self>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Member(&'a str),
    Element(usize),
}

impl<'a> Path<'a> {
    /// The way to a whole task.
    pub(super) const fn root() -> Self {
        Self { parent: None, step: Step::Member("task") }
    }

    /// The way on to a member of the object that is here.
    pub(super) fn member(self: &Rc<Self>, key: &'a str) -> Self {
        Self { parent: Some(Rc::clone(self)), step: Step::Member(key) }
    }

    /// The way on to an element of the array that is here.
    pub(super) fn element(self: &Rc<Self>, index: usize) -> Self {
        Self { parent: Some(Rc::clone(self)), step: Step::Element(index) }
    }

    /// The name under which the value is a member, if it is one.
    pub(super) const fn name(&self) -> Option<&'a str> {
        match self.step {
            Step::Member(name) => Some(name),
            Step::Element(_) => None,
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = &self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Member(name) if self.parent.is_none() => f.write_str(name),
            Step::Member(name) => write!(f, ".{name}"),
            Step::Element(index) => write!(f, "[{index}]"),
        }
    }
}

/// A value, if there is one, and the path to it. A null is none: the agent reads it so.
pub(super) struct Field<'a> {
    pub(super) value: Option<&'a Value>,
    path: Path<'a>,
}

/// An object and the path to it.
pub(super) struct Object<'a> {
    map: &'a Map<String, Value>,
    path: Rc<Path<'a>>,
}

impl<'a> Object<'a> {
    /// A whole task.
    pub(super) fn root(map: &'a Map<String, Value>) -> Self {
        Self { map, path: Rc::new(Path::root()) }
    }

    /// The member of this name, or its absence.
    pub(super) fn field(&self, key: &'a str) -> Field<'a> {
        let value = self.map.get(key).filter(|value| !value.is_null());
        Field { value, path: self.path.member(key) }
    }

    /// All members that are not null, whatever their names.
    pub(super) fn fields(&self) -> impl Iterator<Item = Field<'a>> {
        self.map.keys().map(|key| self.field(key)).filter(|field| field.value.is_some())
    }
}

impl<'a> Field<'a> {
    /// A whole task.
    pub(super) const fn root(task: &'a Value) -> Self {
        Self { value: Some(task), path: Path::root() }
    }

    pub(super) fn fault(&self, reason: impl Into<TaskFaultReason>, faults: &mut Faults) {
        faults.push(&self.path, reason);
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
    pub(super) fn elements(
        &self,
        faults: &mut Faults,
    ) -> impl Iterator<Item = Field<'a>> + use<'a> {
        let array = self.typed("an array", faults, Value::as_array);
        let path = Rc::new(self.path.clone());
        let element = move |(index, value)| Field { value: Some(value), path: path.element(index) };
        array.into_iter().flatten().enumerate().map(element)
    }

    /// An object, in which no key is a misspelling of one of `keys`.
    ///
    /// Go finds the field of a key without regard to case, so `URL` beside `url` would decide
    /// what is dialled, and nobody would have looked at it.
    pub(super) fn object(&self, keys: &[&'static str], faults: &mut Faults) -> Option<Object<'a>> {
        let map = self.typed("an object", faults, Value::as_object)?;
        let path = Rc::new(self.path.clone());
        for key in map.keys() {
            let meant = keys.iter().find(|known| *known != key && same_for_go(known, key));
            if let Some(meant) = meant.filter(|_| !keys.contains(&key.as_str())) {
                faults.push(&path.member(key), TaskFaultReason::Spelling(meant));
            }
        }
        Some(Object { map, path })
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
