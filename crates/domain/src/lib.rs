#![doc = include_str!("../README.md")]

pub mod alarm;
pub mod audit;
pub mod availability;
pub mod duration;
pub mod enterprise;
pub mod id;
pub mod impact;
pub mod json;
pub mod maintenance;
pub mod node;
pub mod opening;
pub mod origin;
pub mod outbound;
pub mod region;
pub mod result;
pub mod role;
pub mod secret;
pub mod task;
pub mod team;
pub mod text;
pub mod token;
pub mod user;
pub mod variable;
pub mod visibility;
pub mod watch;
pub mod webhook;

#[cfg(test)]
mod sample;
