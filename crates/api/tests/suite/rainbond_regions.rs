//! Regions on the rainbond face.

use cadastre_domain::role::Role;
use serde_json::json;

use crate::support::registers;

#[test]
fn a_region_that_was_added_is_listed() {
    for register in registers() {
        let key = register.token(Role::Admin, register.enterprise, &[]);
        let body = json!({
            "region_name": "r1", "region_alias": "first", "url": "https://rbd-api-api:8443",
            "wsurl": "ws://rbd-api-websocket:6060", "httpdomain": "h.example.com",
            "tcpdomain": "1.2.3.4",
        });
        let added = register.request("POST", "/openapi/v1/regions").key(&key).json(&body).send();
        assert_eq!(added.status(), 201, "{} {added:?}", register.name);
        let listed = register.request("GET", "/openapi/v1/regions").key(&key).send();
        assert_eq!(listed.json()[0]["region_id"], added.json()["region_id"]);
        assert_eq!(listed.json().as_array().unwrap().len(), 1);
    }
}
