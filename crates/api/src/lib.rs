#![doc = include_str!("../README.md")]

pub mod agent;
pub mod app;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod cluster;
pub mod config;
pub mod contacts;
mod dialing;
pub mod error;
pub mod freshness;
pub mod http;
pub mod ids;
mod kept;
pub mod logging;
mod native;
pub mod openapi;
pub mod operation;
mod ops;
pub mod outbound;
mod rainbond;
pub mod reads;
mod room;
pub mod server;
pub mod service;
pub mod start;
pub mod streams;
