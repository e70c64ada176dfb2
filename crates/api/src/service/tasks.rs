//! Dial tasks.

pub mod delivery;
