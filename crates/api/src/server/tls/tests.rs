//! What is told about files that TLS cannot use.

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tempfile::TempDir;

use super::*;

/// A folder with certificates and keys for `a` and `b`, and with what is neither.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["a", "b"] {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed([name.to_owned()]).expect("a certificate");
        let path = |kind: &str| folder.path().join(format!("{name}.{kind}"));
        fs::write(path("cert"), cert.pem()).expect("a file");
        fs::write(path("key"), signing_key.serialize_pem()).expect("a file");
    }
    let label = |what: &str| format!("-----BEGIN {what}-----\nAAAA\n-----END {what}-----\n");
    for (name, content) in [
        ("empty", String::new()),
        ("broken.cert", label("CERTIFICATE")),
        ("broken.key", label("PRIVATE KEY")),
        ("torn", "-----BEGIN CERTIFICATE-----\nAAAA\n".to_owned()),
    ] {
        fs::write(folder.path().join(name), content).expect("a file");
    }
    folder
}

fn files(folder: &TempDir, certificate: &str, key: &str, client_ca: Option<&str>) -> TlsFiles {
    let path = |name: &str| folder.path().join(name);
    TlsFiles { certificate: path(certificate), key: path(key), client_ca: client_ca.map(path) }
}

#[test]
fn a_certificate_and_its_key_are_taken() {
    let folder = folder();
    for client_ca in [None, Some("b.cert")] {
        let tls = Tls::open(files(&folder, "a.cert", "a.key", client_ca)).expect("TLS");
        assert_eq!(tls.current().alpn_protocols, [b"http/1.1".to_vec()]);
        assert_eq!(tls.reload(), Ok(()));
    }
}

#[test]
fn the_setting_of_the_file_that_cannot_be_used_is_named() {
    const CERT: &str = "CADASTRE_TLS_CERT";
    const KEY: &str = "CADASTRE_TLS_KEY";
    const CA: &str = "CADASTRE_TLS_CLIENT_CA";
    let folder = folder();
    let cases = [
        ("none", "a.key", None, CERT, "No such file"),
        ("empty", "a.key", None, CERT, "no certificate"),
        ("a.key", "a.key", None, CERT, "no certificate"),
        ("torn", "a.key", None, CERT, "no certificate"),
        ("broken.cert", "a.key", None, CERT, "certificate"),
        ("a.cert", "none", None, KEY, "No such file"),
        ("a.cert", "empty", None, KEY, "no private key"),
        ("a.cert", "a.cert", None, KEY, "no private key"),
        ("a.cert", "broken.key", None, KEY, "of no kind that is known"),
        ("a.cert", "b.key", None, KEY, "does not belong"),
        ("a.cert", "a.key", Some("none"), CA, "No such file"),
        ("a.cert", "a.key", Some("empty"), CA, "no certificate"),
        ("a.cert", "a.key", Some("broken.cert"), CA, "certificate"),
    ];
    for (certificate, key, client_ca, variable, reason) in cases {
        let fault = Tls::open(files(&folder, certificate, key, client_ca)).expect_err(reason);
        let told = fault.to_string();
        assert!(told.starts_with(&format!("{variable} is ")), "{certificate} {key}: {told}");
        assert!(told.contains(reason) && told.lines().count() == 1, "{certificate} {key}: {told}");
    }
}

#[test]
fn files_that_have_become_bad_change_nothing() {
    let folder = folder();
    let tls = Tls::open(files(&folder, "a.cert", "a.key", None)).expect("TLS");
    let before = tls.current();
    fs::copy(folder.path().join("b.cert"), folder.path().join("a.cert")).expect("a copy");
    assert!(tls.reload().expect_err("a wrong key").to_string().contains("does not belong"));
    assert!(Arc::ptr_eq(&before, &tls.current()));
    fs::copy(folder.path().join("b.key"), folder.path().join("a.key")).expect("a copy");
    assert_eq!(tls.reload(), Ok(()));
    assert!(!Arc::ptr_eq(&before, &tls.current()));
}

#[test]
fn nothing_of_the_key_is_shown() {
    let folder = folder();
    let tls = Tls::open(files(&folder, "a.cert", "a.key", None)).expect("TLS");
    let shown = format!("{tls:?}");
    assert!(shown.contains("a.key") && !shown.contains("Signing"), "{shown}");
}
