//! How long, how large and how deep a task may be. All of it is measured without building anything.

use std::io;
use std::rc::Rc;

use serde::Serialize;
use serde_json::{Map, Value};

use super::TaskStatus;
use super::fault::TaskFaultReason;
use super::field::{Faults, Path};
use crate::json;

/// The most characters that a task has as JSON, with the longest status in it.
pub const LONGEST_TASK: usize = 65_536;

/// The most bytes that a task has as JSON, with the longest status in it: 192 KiB. The characters of
/// Chinese have three bytes each, so a task of [`LONGEST_TASK`] of them is not too large.
pub const LARGEST_TASK: usize = 3 * LONGEST_TASK;

/// The most bytes that a task has as JSON as it is sent: 512 KiB. Beside what is stored it may hold
/// what the register adds to a task, and the tasks of its steps may be strings, in which quotes are
/// escaped.
pub const LARGEST_SENT: usize = 512 * 1024;

/// The most characters in the name of a member of a task, at any depth.
pub const LONGEST_MEMBER: usize = 256;

/// The deepest nesting of arrays and objects in a task, so that a body around it can be read.
pub const DEEPEST_TASK: usize = json::DEEPEST - 1;

/// Whether a task that was sent is small enough that it is worth a look.
pub(super) fn check_sent(task: &Value, faults: &mut Faults) -> bool {
    let is_fine = Size::of(task).bytes <= LARGEST_SENT;
    if !is_fine {
        faults.push(&Path::root(), TaskFaultReason::TooLarge(LARGEST_SENT));
    }
    is_fine
}

/// Whether a task, as it is going to be stored, is neither too long nor too deep, whatever its status
/// will be.
pub(super) fn check(task: &Value, faults: &mut Faults) -> bool {
    let size = with_longest_status(task);
    let reason = if json::depth(task) > DEEPEST_TASK {
        TaskFaultReason::TooDeep(DEEPEST_TASK)
    } else if size.characters > LONGEST_TASK {
        TaskFaultReason::TooLong(LONGEST_TASK)
    } else if size.bytes > LARGEST_TASK {
        TaskFaultReason::TooLarge(LARGEST_TASK)
    } else {
        return names_are_short(task, &Path::root(), faults);
    };
    faults.push(&Path::root(), reason);
    false
}

/// Whether the names of all members are short enough to be told where something is wrong.
fn names_are_short(value: &Value, path: &Path<'_>, faults: &mut Faults) -> bool {
    let here = || Rc::new(path.clone());
    let mut is_fine = true;
    match value {
        Value::Object(members) => {
            let here = here();
            for (name, member) in members {
                let path = here.member(name);
                if name.chars().nth(LONGEST_MEMBER).is_some() {
                    faults.push(&path, TaskFaultReason::LongName(LONGEST_MEMBER));
                    is_fine = false;
                }
                is_fine &= names_are_short(member, &path, faults);
            }
        }
        Value::Array(elements) => {
            let here = here();
            for (index, element) in elements.iter().enumerate() {
                is_fine &= names_are_short(element, &here.element(index), faults);
            }
        }
        _ => {}
    }
    is_fine
}

/// The size of a task whose status is the longest one.
fn with_longest_status(task: &Value) -> Size {
    let mut size = Size::of(task);
    if let Value::Object(members) = task {
        let stop = Size::of(&TaskStatus::Stop.as_str());
        let (before, comma) = match members.get("status") {
            Some(status) => (Size::of(status), 0),
            None => (Size::default(), usize::from(!members.is_empty()) + "\"status\":".len()),
        };
        size.bytes = size.bytes - before.bytes + stop.bytes + comma;
        size.characters = size.characters - before.characters + stop.characters + comma;
    }
    size
}

/// How long a value is as JSON.
#[derive(Clone, Copy, Default)]
struct Size {
    bytes: usize,
    characters: usize,
}

/// How many bytes these members have as JSON.
pub(super) fn bytes(members: &Map<String, Value>) -> usize {
    Size::of(members).bytes
}

impl Size {
    fn of(value: &impl Serialize) -> Self {
        let mut size = Self::default();
        // Counting does not fail, and a value has no keys that are not texts.
        let _ = serde_json::to_writer(&mut size, value);
        size
    }
}

impl io::Write for Size {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let begins = |byte: &&u8| **byte & 0b1100_0000 != 0b1000_0000;
        self.bytes += bytes.len();
        self.characters += bytes.iter().filter(begins).count();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
