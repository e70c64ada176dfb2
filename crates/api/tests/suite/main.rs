//! The register over real HTTP, on both databases.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod rainbond_regions;
mod support;
