//! How bodies are read (contract 1.1): their type, their syntax, and what they are.

use serde_json::{Value, json};

use crate::rainbond_fixture::{Fixture, fixtures, wrong};
use crate::rainbond_http::{check_headers, framework};

/// Sends a body of this type to the four calls that read one, and answers what came back.
fn sent_as(fixture: &Fixture, kind: &str, body: &str) -> Vec<(u16, Value)> {
    ["POST /openapi/v1/regions", "POST /openapi/v1/teams", "POST /openapi/v1/teams/{T}/regions"]
        .into_iter()
        .chain(["PUT /openapi/v2/manage/regions/{r1}"])
        .map(|request| {
            let answer = fixture.call("{MK}", request).body(kind, body).send();
            check_headers(&answer, request);
            (answer.status(), answer.json())
        })
        .collect()
}

#[test]
fn a_body_of_a_type_that_is_not_read_is_refused_by_the_name_of_its_type() {
    for fixture in fixtures() {
        for (kind, named) in [("text/plain", "text/plain"), ("Text/XML; a=b", "text/xml"), ("", "")]
        {
            let text = format!("不支持请求中的媒体类型 “{named}”。");
            let expected = framework(415, "UnsupportedMediaType", &text);
            for (status, body) in sent_as(&fixture, kind, "abc") {
                assert_eq!((status, body.to_string()), (415, expected.clone()), "{kind}");
            }
        }
    }
}

#[test]
fn a_body_that_does_not_parse_is_refused_with_the_reason() {
    for fixture in fixtures() {
        for broken in ["{", "{\"a\":1}}", "{'a':1}", "{\"a\":1,\"a\":2}", "\u{feff}{}", "[1,]"] {
            for (status, body) in sent_as(&fixture, "application/json; charset=utf-8", broken) {
                let reason = body["detail"].as_str().unwrap();
                assert!(reason.starts_with("JSON parse error - "), "{broken}: {reason}");
                assert_eq!((status, body.to_string()), (400, framework(400, "ParseError", reason)));
            }
        }
    }
}

#[test]
fn a_body_that_is_no_object_is_told_what_it_is() {
    let kinds = [
        ("[]", "无效数据。期待为字典类型，得到的是 list 。"),
        ("\"a\"", "无效数据。期待为字典类型，得到的是 str 。"),
        ("1", "无效数据。期待为字典类型，得到的是 int 。"),
        ("1.5", "无效数据。期待为字典类型，得到的是 float 。"),
        ("true", "无效数据。期待为字典类型，得到的是 bool 。"),
        ("null", "No data provided"),
    ];
    for fixture in fixtures() {
        for (body, text) in kinds {
            let expected = wrong(&json!({"non_field_errors": [text]}));
            for (status, found) in sent_as(&fixture, "Application/JSON", body) {
                assert_eq!((status, found.to_string()), (400, expected.clone()), "{body}");
            }
        }
    }
}

#[test]
fn no_body_at_all_counts_as_an_empty_object() {
    for fixture in fixtures() {
        for kind in ["application/json", "application/x-www-form-urlencoded", "text/plain"] {
            let empty = sent_as(&fixture, kind, "");
            assert_eq!(empty, sent_as(&fixture, "application/json", "{}"), "{kind}");
            assert!(empty.iter().all(|(status, _)| *status == 400), "{kind}: {empty:?}");
        }
        let answer = fixture.get("{KA}", "POST /openapi/v1/teams/{T}/regions");
        assert_eq!(answer.json()["err"], json!({"region": ["该字段是必填项。"]}));
    }
}
