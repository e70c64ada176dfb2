//! Fields of a node: their limits, their types, and what is told of wrong ones.

use cadastre_domain::role::Role;
use serde_json::{Value, json};

use crate::dialing_cases::{REGISTER, example};
use crate::faces::Face;
use crate::support::{Answer, Register, registers};

/// The fields that must be given, of those that take text.
const REQUIRED: [&str; 3] = ["isp", "country", "keycode"];

/// The fields that may be left out, null or empty.
const OPTIONAL: [&str; 4] = ["province", "city", "name", "company"];

/// A register with a key that may register nodes.
struct Scene {
    register: Register,
    key: String,
}

fn each(check: impl Fn(&Scene)) {
    for register in registers() {
        let key = register.token(Role::Operator, register.enterprise, &[]);
        check(&Scene { register, key });
    }
}

impl Scene {
    fn post(&self, body: &Value) -> Answer {
        self.register.request("POST", REGISTER).api_key(&self.key).json(body).send()
    }

    /// Checks that a body with this field is accepted and the value told as it was given.
    fn check_accepted(&self, keycode: &str, field: &str, value: &Value) {
        let mut body = example();
        body["keycode"] = json!(keycode);
        body[field] = value.clone();
        let answer = self.post(&body);
        let told = format!("{} {field}: {value} {answer:?}", self.register.name);
        assert_eq!(answer.status(), 200, "{told}");
        assert_eq!(&answer.json()["content"]["regionInfo"][field], value, "{told}");
    }

    /// Checks that a body with this field is refused, and that this is what is told of it.
    fn check_refused(&self, field: &str, value: Option<Value>, problem: &str) {
        let mut body = example();
        match value {
            Some(value) => body[field] = value,
            None => drop(body.as_object_mut().unwrap().remove(field)),
        }
        let answer = self.post(&body);
        let expected = json!({
            "code": 400,
            "content": {},
            "errorCode": "ft.InvalidParameter",
            "message": format!("{field}: {problem}"),
            "success": false,
            "traceId": answer.json()["traceId"],
        });
        let told = format!("{} {field} {body}", self.register.name);
        assert_eq!((answer.status(), &answer.text), (400, &expected.to_string()), "{told}");
    }
}

#[test]
fn all_wrong_fields_are_told_at_once_and_in_the_published_order() {
    each(|scene| {
        let answer = scene.post(&json!({}));
        let expected = "internal: required; isp: required; country: required; keycode: required";
        assert_eq!(answer.json()["message"], expected, "{}", scene.register.name);
        let wrong = json!({
            "keycode": "k".repeat(129), "company": [], "name": 1, "city": "a\nb", "province": true,
            "country": "", "isp": null, "internal": "true",
        });
        let answer = scene.post(&wrong);
        let expected = "internal: must be true or false; isp: must not be null; \
             country: must not be empty; province: must be a string; \
             city: must not contain '\\n'; name: must be a string; company: must be a string; \
             keycode: must have at most 128 characters";
        assert_eq!(answer.json()["message"], expected, "{}", scene.register.name);
    });
}

#[test]
fn text_is_accepted_up_to_its_limit_in_characters_and_no_further() {
    each(|scene| {
        let mut number = 0;
        for field in Face::Dialing.texts() {
            let most = if *field == "keycode" { 128 } else { 256 };
            // Of one byte, two, three and four, and of two characters that are seen as one.
            for letter in ["x", "é", "集", "🏙", "e\u{301}"] {
                let letters = letter.chars().count();
                number += 1;
                let longest = letter.repeat(most / letters);
                scene.check_accepted(&format!("k{number}"), field, &json!(longest));
                let problem = format!("must have at most {most} characters");
                scene.check_refused(field, Some(json!(format!("{longest}x"))), &problem);
            }
        }
    });
}

#[test]
fn one_character_is_enough() {
    each(|scene| {
        for (n, field) in Face::Dialing.texts().iter().enumerate() {
            scene.check_accepted(&format!("k{n}"), field, &json!("集"));
        }
    });
}

#[test]
fn required_text_must_be_there_and_not_empty() {
    each(|scene| {
        for field in REQUIRED {
            scene.check_refused(field, None, "required");
            scene.check_refused(field, Some(Value::Null), "must not be null");
            scene.check_refused(field, Some(json!("")), "must not be empty");
        }
    });
}

#[test]
fn optional_text_that_is_missing_null_or_empty_is_empty() {
    each(|scene| {
        for (n, field) in OPTIONAL.iter().enumerate() {
            for (m, value) in [None, Some(Value::Null), Some(json!(""))].into_iter().enumerate() {
                let mut body = example();
                body["keycode"] = json!(format!("k{n}{m}"));
                body.as_object_mut().unwrap().remove(*field);
                if let Some(value) = value {
                    body[*field] = value;
                }
                let answer = scene.post(&body);
                let found = &answer.json()["content"]["regionInfo"][*field];
                assert_eq!(found, "", "{} {field} {answer:?}", scene.register.name);
            }
        }
    });
}

#[test]
fn text_is_never_made_of_other_types() {
    each(|scene| {
        for field in Face::Dialing.texts() {
            for value in [json!(1), json!(0), json!(1.5), json!(true), json!(["x"]), json!({})] {
                scene.check_refused(field, Some(value), "must be a string");
            }
        }
    });
}

#[test]
fn internal_is_true_or_false_and_nothing_that_looks_like_it() {
    each(|scene| {
        scene.check_refused("internal", None, "required");
        scene.check_refused("internal", Some(Value::Null), "must not be null");
        for value in [json!("true"), json!("false"), json!(1), json!(0), json!(""), json!([true])] {
            scene.check_refused("internal", Some(value), "must be true or false");
        }
        scene.check_accepted("k1", "internal", &json!(true));
        scene.check_accepted("k2", "internal", &json!(false));
    });
}

#[test]
fn no_text_holds_a_control_character() {
    each(|scene| {
        for field in Face::Dialing.texts() {
            for control in ['\0', '\u{1}', '\t', '\n', '\r', '\u{1b}', '\u{7f}', '\u{85}'] {
                let problem = format!("must not contain {control:?}");
                scene.check_refused(field, Some(json!(format!("a{control}b"))), &problem);
            }
        }
    });
}

#[test]
fn a_field_is_only_known_by_its_exact_name() {
    each(|scene| {
        for near in ["Keycode", "keyCode", "keycode ", "key_code"] {
            let mut body = example();
            let object = body.as_object_mut().unwrap();
            let keycode = object.remove("keycode").unwrap();
            object.insert(near.to_owned(), keycode);
            let answer = scene.post(&body);
            assert_eq!(answer.json()["message"], "keycode: required", "{near:?}");
        }
    });
}
