//! Lists are measured before their elements, and at most 50 wrong fields are told.

use serde_json::{Map, Value, json};

use crate::rainbond_fixture::{Fixture, SOMEWHERE, change, full, with};
use crate::support::{Answer, registers};

/// The most wrong fields that are told.
const MOST: usize = 50;

/// The largest answer to a wrong request.
const LARGEST: usize = 64 * 1024;

fn fixtures() -> impl Iterator<Item = Fixture> {
    registers().map(|register| {
        let mut fixture = Fixture::bare(register, SOMEWHERE);
        fixture.add_team("{KA}", "T");
        fixture
    })
}

/// So many fields that no API knows, with long names of control characters.
fn unknown(count: usize) -> Map<String, Value> {
    (0..count).map(|n| (format!("{n}{}", "\u{1}".repeat(150)), json!(1))).collect()
}

/// The only wrong field of an answer of the native API, and what is said of it.
fn only_error(answer: &Answer) -> (String, String) {
    assert_eq!(answer.status(), 400, "{answer:?}");
    let problem = answer.json();
    let [error] = problem["errors"].as_array().unwrap().as_slice() else { panic!("{problem}") };
    let text = |name: &str| error[name].as_str().unwrap().to_owned();
    (text("pointer"), text("detail"))
}

#[test]
fn a_list_that_is_too_long_is_one_wrong_field() {
    let node = "reg_cg2britepb7e977fpm8g";
    let region = "0".repeat(32);
    let token = json!({"name": "n", "role": "team"});
    for fixture in fixtures() {
        for (path, body, field, most) in [
            (format!("/nodes/{node}/run"), json!({}), "task_ids", 100),
            (format!("/regions/{region}/watch"), json!({}), "nodes", 200),
            ("/tokens".to_owned(), token.clone(), "teams", 100),
        ] {
            let told = (format!("/{field}"), format!("must have at most {most} elements"));
            for element in [json!(1), json!("x"), json!("{T}"), json!([])] {
                let body = with(body.clone(), &json!({ field: vec![element; most + 1] }));
                let refused = fixture.send("{KA}", &format!("POST /cadastre/v1{path}"), &body);
                assert_eq!(only_error(&refused), told, "{}", fixture.register.name);
            }
            // As many as may be are looked at, and the first 50 are told.
            let body = with(body, &json!({ field: vec![1; most] }));
            let refused = fixture.send("{KA}", &format!("POST /cadastre/v1{path}"), &body);
            assert_eq!(refused.json()["errors"].as_array().unwrap().len(), MOST, "{path}");
        }
    }
}

#[test]
fn labels_of_one_request_are_counted_before_they_are_read() {
    let labels = |count: usize, value: &Value| -> Value {
        (0..count).map(|n| (format!("a{n}"), value.clone())).collect::<Map<_, _>>().into()
    };
    let body = |labels: Value| {
        json!({"name": "r", "labels": labels, "addresses": {
            "api_url": "https://a:1", "websocket_url": "ws://a:1", "http_domain": "a.b",
            "tcp_address": "a.b",
        }})
    };
    let told = |text: &str| ("/labels".to_owned(), text.to_owned());
    for fixture in fixtures() {
        let add = |labels| fixture.send("{KA}", "POST /cadastre/v1/regions", &body(labels));
        let many = add(labels(129, &json!(1)));
        assert_eq!(only_error(&many), told("must have at most 128 members"));
        let too_many = add(labels(65, &json!("b")));
        assert_eq!(only_error(&too_many), told("there are at most 64 labels, not 65"));
        let path = format!("GET /cadastre/v1/regions?{}", "label=a&".repeat(65));
        let asked = fixture.get("{KA}", path.trim_end_matches('&'));
        let times = ("/label".to_owned(), "must not be given more than 64 times".to_owned());
        assert_eq!(only_error(&asked), times, "{}", fixture.register.name);
    }
}

#[test]
fn fifty_wrong_fields_are_told_by_every_api_and_the_answer_is_short() {
    for fixture in fixtures() {
        let name = fixture.register.name;
        for (count, told, detail) in [
            (MOST, MOST, "some fields are not accepted"),
            (900, MOST, "some fields are not accepted; only the first 50 are named"),
        ] {
            let body = with(json!({"alias": "a"}), &Value::Object(unknown(count)));
            let refused = fixture.send("{KA}", "POST /cadastre/v1/teams", &body);
            assert_eq!(refused.status(), 400, "{name}");
            let problem = refused.json();
            assert_eq!(problem["errors"].as_array().unwrap().len(), told, "{name}");
            assert_eq!(problem["detail"], json!(detail), "{name}");
            assert!(refused.text.len() <= LARGEST, "{name}: {}", refused.text.len());

            let refused = fixture.send("{KA}", "PUT /openapi/v1/teams/{T}", &body);
            assert_eq!(refused.status(), 400, "{name}: {refused:?}");
            assert_eq!(refused.json()["err"].as_object().unwrap().len(), told, "{name}");
            assert!(refused.text.len() <= LARGEST, "{name}: {}", refused.text.len());
        }
        let query = (0..900).map(|n| format!("x{n}=1&")).collect::<Vec<_>>().concat();
        let refused = fixture.get("{KA}", &format!("GET /cadastre/v1/teams?{query}"));
        assert_eq!(refused.json()["errors"].as_array().unwrap().len(), MOST, "{name}");
    }
}

#[test]
fn what_a_header_or_a_method_says_is_repeated_only_so_far() {
    for fixture in fixtures() {
        for request in ["POST /openapi/v1/regions", "POST /cadastre/v1/teams"] {
            let long = "x".repeat(50_000);
            let refused = fixture.call("{KA}", request).body(&long, b"{}".to_vec()).send();
            assert_eq!(refused.status(), 415, "{}", fixture.register.name);
            assert!(refused.text.len() < 2_000, "{request}: {}", refused.text.len());
        }
    }
}

#[test]
fn a_form_has_at_most_1000_fields() {
    let urlencoded = "application/x-www-form-urlencoded";
    let multipart = "multipart/form-data; boundary=b";
    let part =
        |n: usize| format!("--b\r\nContent-Disposition: form-data; name=\"x{n}\"\r\n\r\n1\r\n");
    for fixture in fixtures() {
        for count in [1_000, 1_001] {
            let fields: Vec<_> = (0..count).map(|n| format!("x{n}=1")).collect();
            let parts = (0..count).map(part).collect::<String>() + "--b--\r\n";
            for (kind, body) in [(urlencoded, fields.join("&")), (multipart, parts)] {
                let call = fixture.call("{KA}", "POST /openapi/v1/teams");
                let refused = call.body(kind, body).send();
                assert_eq!(refused.status(), 400, "{}", fixture.register.name);
                let told = refused.json()["error_type"].clone();
                let expected = if count > 1_000 { "ParseError" } else { "ValidationError" };
                assert_eq!(told, json!(expected), "{kind} {count}: {refused:?}");
            }
        }
    }
}

#[test]
fn a_body_has_at_most_20000_values_in_every_api() {
    for fixture in fixtures() {
        let list = |count: usize| json!({ "desc_of_nothing": vec![0; count] });
        // The body and the list are values, too.
        for (count, status) in [(19_998 - full().as_object().unwrap().len(), 201), (19_999, 400)] {
            let name = json!({ "region_name": format!("r{count}") });
            let body = with(with(full(), &list(count)), &name);
            let answer = fixture.send("{KA}", "POST /openapi/v1/regions", &body);
            assert_eq!(answer.status(), status, "{}: {:.300}", fixture.register.name, answer.text);
        }
        let refused =
            fixture.send("{KA}", "PUT /openapi/v1/teams/{T}", &with(change(), &list(20_000)));
        assert_eq!(refused.json()["error_type"], json!("ParseError"));
        let refused = fixture.send("{KA}", "POST /cadastre/v1/teams", &list(20_000));
        let problem = refused.json();
        assert_eq!(problem["code"], json!("malformed_body"));
        assert!(problem["detail"].as_str().unwrap().starts_with("more than 20000 values"));
    }
}
