//! Certificates that tasks come with.

use super::*;

/// A certificate and its key, as PEM text.
fn pair() -> [String; 2] {
    let made = rcgen::generate_simple_self_signed(["a".to_owned()]).unwrap();
    [made.cert.pem(), made.signing_key.serialize_pem()]
}

/// The faults of a task with this certificate in its options, without the path to it.
fn told(class: TaskClass, certificate: &Value) -> Vec<String> {
    let mut task = sample(class);
    task["advance_options"]["certificate"] = certificate.clone();
    let found = faults(class, task).into_iter();
    found.map(|fault| fault.replace("task.advance_options.certificate.", "")).collect()
}

#[test]
fn material_that_fits_is_taken() {
    let [certificate, key] = pair();
    let [ca, _] = pair();
    let whole = json!({"ca": ca, "certificate": certificate, "private_key": key});
    let bundle = json!({"ca": format!("{ca}\n{certificate}"), "certificate": certificate, "private_key": key});
    for class in [TaskClass::Http, TaskClass::Grpc] {
        assert_eq!(told(class, &whole), [""; 0]);
        assert_eq!(told(class, &bundle), [""; 0]);
        assert_eq!(told(class, &json!({"ca": ""})), [""; 0]);
    }
    assert_eq!(told(TaskClass::Grpc, &json!({"ca": ca})), [""; 0]);
}

#[test]
fn what_the_agent_does_not_read_is_left_alone() {
    for class in [TaskClass::Http, TaskClass::Grpc] {
        let rest = json!({"certificate": "x", "private_key": "y"});
        assert_eq!(told(class, &rest), [""; 0]);
        let mut ignored = rest;
        ignored["ca"] = json!("z");
        ignored["ignore_server_certificate_error"] = json!(true);
        assert_eq!(told(class, &ignored), [""; 0]);
    }
}

#[test]
fn a_missing_half_is_required() {
    let [certificate, key] = pair();
    let both = ["private_key: required", "certificate: required"];
    assert_eq!(told(TaskClass::Http, &json!({"ca": certificate})), both);
    let half = json!({"ca": certificate, "certificate": certificate});
    assert_eq!(told(TaskClass::Http, &half), both[..1]);
    let lacking = "private_key: the client certificate comes without its private key";
    assert_eq!(told(TaskClass::Grpc, &half), [lacking]);
    let half = json!({"ca": certificate, "private_key": key});
    assert_eq!(told(TaskClass::Http, &half), both[1..]);
    let lacking = "certificate: the private key comes without its certificate";
    assert_eq!(told(TaskClass::Grpc, &half), [lacking]);
}

#[test]
fn what_cannot_be_read_or_does_not_fit_is_refused() {
    let [certificate, key] = pair();
    let [other, _] = pair();
    for class in [TaskClass::Http, TaskClass::Grpc] {
        for (ca, certificate, key, fault) in [
            ("x", &*certificate, &*key, "ca: the CA cannot be read"),
            (&*key, &*certificate, &*key, "ca: the CA cannot be read"),
            (&*other, "x", &*key, "certificate: the client certificate cannot be read"),
            (&*other, &*certificate, "x", "private_key: the private key cannot be read"),
            (&*other, &*other, &*key, "private_key: the private key does not belong"),
        ] {
            let material = json!({"ca": ca, "certificate": certificate, "private_key": key});
            let found = told(class, &material);
            assert!(found.len() == 1 && found[0].starts_with(fault), "{class} {fault}: {found:?}");
        }
    }
}
