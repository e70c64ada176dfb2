//! TLS material that fits together, as the fields of a region on the rainbond face.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::certificates::{Authority, Certificate};

/// Coherent TLS material in the fields of a region, the same in all tests.
pub static MATERIAL: LazyLock<Value> = LazyLock::new(|| {
    let authority = Authority::new("authority");
    material(&authority, &authority.issue("register", &[]))
});

/// TLS material in the fields of a region, as it is kept: without white space around.
pub fn material(authority: &Authority, own: &Certificate) -> Value {
    let (ca, certificate, key) = (authority.pem(), own.pem.trim(), own.key.trim());
    json!({"ssl_ca_cert": ca.trim(), "cert_file": certificate, "key_file": key})
}
