//! Every setting of the door: its default, its bounds, and what a wrong value is told.

use super::*;

fn config(change: impl FnOnce(&mut DoorOptions)) -> Result<DoorConfig, String> {
    let mut options = DoorOptions::default();
    change(&mut options);
    DoorConfig::new(&options).map_err(|error| error.to_string())
}

fn refused(change: impl FnOnce(&mut DoorOptions)) -> String {
    let refusal = config(change).expect_err("a wrong value");
    assert_eq!(refusal.lines().count(), 1, "{refusal}");
    refusal
}

#[test]
fn the_defaults_are_as_documented() {
    let config = config(|_| {}).expect("defaults");
    let seconds = [config.header_timeout, config.body_timeout, config.keep_alive];
    assert_eq!(seconds.map(|time| time.as_secs()), [5, 30, 75]);
    assert!(config.tls.is_none() && config.scheme() == "http");
    assert_eq!(config.max_connections, 10_000);
    assert!(config.cors_origins.is_empty() && config.trusted_proxies.is_empty());
    let limits = [config.wrong_tokens, config.refusal_entries, config.token_limit];
    assert_eq!(limits.map(|limit| limit.map(NonZeroU32::get)), [Some(20), Some(600), None]);
}

#[test]
fn a_limit_of_nothing_is_no_limit() {
    let config = config(|o| o.wrong_tokens = Some("0".into())).expect("no limit");
    assert_eq!(config.wrong_tokens, None);
}

#[test]
fn one_file_of_tls_without_the_other_is_refused() {
    assert_eq!(
        refused(|o| o.tls_cert = Some("x".into())),
        "CADASTRE_TLS_CERT is \"x\", which is not accepted: give CADASTRE_TLS_KEY as well"
    );
    assert_eq!(
        refused(|o| o.tls_key = Some("x".into())),
        "CADASTRE_TLS_KEY is \"x\", which is not accepted: give CADASTRE_TLS_CERT as well"
    );
    assert_eq!(
        refused(|o| o.tls_client_ca = Some("x".into())),
        "CADASTRE_TLS_CLIENT_CA is \"x\", which is not accepted: \
         give CADASTRE_TLS_CERT and CADASTRE_TLS_KEY as well"
    );
}

#[test]
fn origins_are_taken_as_browsers_spell_them_and_no_other_way() {
    let origins = |text: &str| config(|o| o.cors_origins = Some(text.to_owned()));
    let taken = origins("https://a.example, http://localhost:3000,https://[::1]:8443");
    let expected = ["https://a.example", "http://localhost:3000", "https://[::1]:8443"];
    assert_eq!(taken.expect("origins").cors_origins, expected);
    for wrong in [
        "*",
        "https://*",
        "https://*.example",
        "https://a.example,*",
        "null",
        "a.example",
        "https://a.example/",
        "https://a.example/path",
        "https://a.example?q",
        "https://A.example",
        "HTTPS://a.example",
        "https://user@a.example",
        "ftp://a.example",
        "https://",
        "https://a.example,",
        ",",
        "https://a.example https://b.example",
    ] {
        let told = origins(wrong).expect_err(wrong);
        assert!(told.starts_with("CADASTRE_CORS_ORIGINS is "), "{wrong}: {told}");
        assert!(told.contains("never *"), "{wrong}: {told}");
    }
}

#[test]
fn proxies_are_addresses_and_networks() {
    let proxies = |text: &str| config(|o| o.trusted_proxies = Some(text.to_owned()));
    let taken = proxies("192.0.2.7, 10.0.0.0/8,2001:db8::/32,::1,::ffff:192.0.2.8");
    let taken = taken.expect("proxies").trusted_proxies;
    let texts: Vec<_> = taken.iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["192.0.2.7/32", "10.0.0.0/8", "2001:db8::/32", "::1/128", "192.0.2.8/32"]);
    for wrong in ["proxy", "10.0.0.0/33", "10.0.0.0/", "10.0.0", "10.0.0.1,", "*", "0.0.0.0/-1"] {
        let told = proxies(wrong).expect_err(wrong);
        assert!(told.starts_with("CADASTRE_TRUSTED_PROXIES is "), "{wrong}: {told}");
    }
}
