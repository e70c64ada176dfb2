//! Dial tasks: what nodes dial.

mod frequency;

pub use frequency::{Frequency, FrequencyError};
