#![doc = include_str!("../README.md")]

pub mod audit;
pub mod duration;
pub mod enterprise;
pub mod id;
pub mod impact;
pub mod maintenance;
pub mod node;
pub mod opening;
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

#[cfg(test)]
mod sample;
