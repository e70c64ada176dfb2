//! The register over real HTTP, on both databases.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod bad_http;
mod bad_input;
mod bad_media;
mod bad_paths;
mod certificates;
mod dialing_access;
mod dialing_cases;
mod dialing_fields;
mod dialing_limits;
mod dialing_nodes;
mod faces;
mod fuzz;
mod ops;
mod races;
mod rainbond_bodies;
mod rainbond_cases;
mod rainbond_clusters;
mod rainbond_fields;
mod rainbond_fixture;
mod rainbond_forms;
mod rainbond_http;
mod rainbond_manage;
mod rainbond_openings;
mod rainbond_regions;
mod rainbond_roles;
mod rainbond_rules;
mod rainbond_status;
mod rainbond_teams;
mod rainbond_tls;
mod raw;
mod request_id;
mod stub_cluster;
mod support;
mod unavailable;
