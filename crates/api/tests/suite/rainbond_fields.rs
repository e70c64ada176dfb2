//! The rules of every field, for adding and for changing a region (contract 2.1 and 4): what is
//! wrong is told of all fields at once, in the published order.

use serde_json::{Map, Value, json};

use crate::material::MATERIAL;
use crate::rainbond_fixture;
use crate::rainbond_fixture::{
    Fixture, REGIONS, change, fixtures, full, with, without, wrong_fields,
};
use crate::support::Answer;

/// What a field may be.
struct Field {
    name: &'static str,
    most: usize,
    required: bool,
    null: bool,
    blank: bool,
}

/// What is refused in each of the two calls.
struct Form {
    name: &'static str,
    request: &'static str,
    fields: Vec<Field>,
}

const LONGEST_PEM: usize = 65_535;

fn must(name: &'static str, most: usize) -> Field {
    Field { name, most, required: true, null: false, blank: false }
}

fn may(name: &'static str, most: usize) -> Field {
    Field { required: false, ..must(name, most) }
}

fn free(name: &'static str, most: usize) -> Field {
    Field { null: true, blank: true, ..may(name, most) }
}

fn between(status: Field) -> Vec<Field> {
    vec![
        must("region_alias", 64),
        must("url", 256),
        free("token", 255),
        must("wsurl", 256),
        must("httpdomain", 256),
        must("tcpdomain", 256),
        may("scope", 10),
        free("ssl_ca_cert", LONGEST_PEM),
        free("cert_file", LONGEST_PEM),
        free("key_file", LONGEST_PEM),
        status,
        Field { blank: true, ..may("desc", 200) },
    ]
}

fn forms() -> [Form; 2] {
    let mut add = vec![may("region_id", 36), must("region_name", 64)];
    add.extend(between(may("status", 2)));
    add.push(free("enterprise_id", 36));
    let change = between(must("status", 2));
    [
        Form { name: "add", request: "POST /openapi/v1/regions", fields: add },
        Form { name: "change", request: "PUT /openapi/v2/manage/regions/{r0}", fields: change },
    ]
}

impl Form {
    /// Sends these fields, and expects that those with a text are wrong, in this order.
    fn refuses(
        &self,
        fixture: &Fixture,
        value: impl Fn(&Field) -> Option<Value>,
        text: impl Fn(&Field) -> Option<String>,
    ) {
        let mut body = Map::new();
        let mut wrong = Map::new();
        for field in &self.fields {
            body.extend(value(field).map(|value| (field.name.to_owned(), value)));
            wrong.extend(text(field).map(|text| (field.name.to_owned(), json!([text]))));
        }
        let answer = fixture.send("{MK}", self.request, &body.into());
        let at = format!("{} on {}", self.name, fixture.register.name);
        assert_eq!(answer.text, rainbond_fixture::wrong(&wrong.into()), "{at}");
        assert_eq!(answer.status(), 400);
    }
}

fn when(condition: bool, text: &str) -> Option<String> {
    condition.then(|| text.to_owned())
}

#[test]
fn every_field_that_is_required_and_missing_is_told_at_once() {
    for fixture in fixtures() {
        for form in forms() {
            form.refuses(&fixture, |_| None, |field| when(field.required, "该字段是必填项。"));
        }
    }
}

#[test]
fn every_field_that_must_not_be_null_is_told_at_once() {
    for fixture in fixtures() {
        for form in forms() {
            let text = |field: &Field| when(!field.null, "该字段不能为 null。");
            form.refuses(&fixture, |_| Some(json!(null)), text);
        }
    }
}

#[test]
fn every_field_that_must_not_be_blank_is_told_at_once_white_space_being_nothing() {
    for fixture in fixtures() {
        for form in forms() {
            for blank in ["", " ", "\t\r\n \u{3000}"] {
                let text = |field: &Field| when(!field.blank, "该字段不能为空。");
                form.refuses(&fixture, |_| Some(json!(blank)), text);
            }
        }
    }
}

#[test]
fn no_field_takes_a_truth_value_an_array_or_an_object() {
    for fixture in fixtures() {
        for form in forms() {
            for value in [json!(true), json!(["a"]), json!({"a": "b"})] {
                let text = |_: &Field| when(true, "Not a valid string.");
                form.refuses(&fixture, |_| Some(value.clone()), text);
            }
        }
    }
}

#[test]
fn no_field_takes_a_character_more_than_its_limit() {
    for fixture in fixtures() {
        for form in forms() {
            let value = |field: &Field| Some(json!(format!(" {} ", "区".repeat(field.most + 1))));
            let text =
                |field: &Field| Some(format!("请确保这个字段不能超过 {} 个字符。", field.most));
            form.refuses(&fixture, value, text);
        }
    }
}

#[test]
fn no_field_takes_the_character_nul() {
    for fixture in fixtures() {
        for form in forms() {
            let text = |_: &Field| when(true, "不允许是用空字符串。");
            form.refuses(&fixture, |_| Some(json!("\u{0}1")), text);
        }
    }
}

/// Every field as long as it may be, in characters of three bytes where its rule takes them.
fn longest() -> Value {
    let path = |base: &str| format!("{base}{}", "路".repeat(256 - base.len()));
    let label = "h".repeat(62);
    let name = format!("{label}.{label}.{label}.{}:65535", "h".repeat(61));
    json!({
        "region_id": "x".repeat(36), "region_name": "区".repeat(64), "region_alias": "名".repeat(64),
        "url": path("https://h.example.com/"), "token": "密".repeat(255),
        "wsurl": path("wss://h.example.com/"), "httpdomain": "域".repeat(256), "tcpdomain": name,
        "scope": "private", "ssl_ca_cert": explained("ssl_ca_cert", "一"),
        "cert_file": explained("cert_file", "二"), "key_file": explained("key_file", "三"),
        "status": "0", "desc": "述".repeat(200), "enterprise_id": "{E1}",
    })
}

/// A PEM text that is as long as it may be by the words in front of it.
fn explained(field: &str, letter: &str) -> String {
    let pem = MATERIAL[field].as_str().unwrap();
    format!("{}\n{pem}", letter.repeat(LONGEST_PEM - pem.len() - 1))
}

/// The same with white space around every value.
fn padded(body: &Value) -> Value {
    let pad = |(field, value): (&String, &Value)| {
        (field.clone(), json!(format!(" \t{}\n\u{3000}", value.as_str().unwrap())))
    };
    body.as_object().unwrap().iter().map(pad).collect::<Map<_, _>>().into()
}

#[test]
fn every_field_takes_as_many_characters_as_its_limit_after_trimming() {
    for fixture in fixtures() {
        let added = fixture.send("{KA}", "POST /openapi/v1/regions", &padded(&longest()));
        assert_eq!(added.status(), 201, "{}: {:?}", fixture.register.name, wrong_fields(&added));
        let id = added.json()["region_id"].clone();
        let expected =
            with(longest(), &json!({"region_id": id, "enterprise_id": fixture.fill("{E1}")}));
        assert!(added.json() == expected, "what was added is not what was sent");

        let body = padded(&without(longest(), &["region_id", "region_name", "enterprise_id"]));
        let changed = fixture.send("{MK}", "PUT /openapi/v2/manage/regions/{r0}", &body);
        assert_eq!(
            changed.status(),
            200,
            "{}: {:?}",
            fixture.register.name,
            wrong_fields(&changed)
        );
        let id = json!({"region_id": fixture.fill("{r0}"), "region_name": "r0"});
        let expected = with(without(longest(), &["enterprise_id"]), &id);
        assert!(changed.json() == expected, "what was changed is not what was sent");
    }
}

#[test]
fn an_enterprise_of_the_greatest_length_is_unknown_and_not_wrong() {
    for fixture in fixtures() {
        for (length, status) in [(36, 404), (37, 400)] {
            let body = with(full(), &json!({"enterprise_id": "e".repeat(length)}));
            let answer = fixture.send("{KA}", "POST /openapi/v1/regions", &body);
            assert_eq!(answer.status(), status, "{}: {answer:?}", fixture.register.name);
        }
    }
}

#[test]
fn numbers_count_as_their_text() {
    let numbers = json!({
        "region_id": 12, "region_name": 7, "region_alias": 1.0, "httpdomain": 0, "token": 5,
        "desc": -3, "status": 2,
    });
    let texts = json!({
        "region_name": "7", "region_alias": "1.0", "httpdomain": "0", "token": "5", "desc": "-3",
        "status": "2",
    });
    for fixture in fixtures() {
        let added = fixture.send("{KA}", "POST /openapi/v1/regions", &with(full(), &numbers));
        assert_eq!(added.status(), 201, "{}: {added:?}", fixture.register.name);
        assert_eq!(with(added.json(), &texts), added.json(), "{}", fixture.register.name);

        let numbers = with(change(), &without(numbers.clone(), &["region_id", "region_name"]));
        let changed = fixture.send("{MK}", "PUT /openapi/v2/manage/regions/{r2}", &numbers);
        assert_eq!(changed.status(), 200, "{}: {changed:?}", fixture.register.name);
        let texts = with(texts.clone(), &json!({"region_name": "r2"}));
        assert_eq!(with(changed.json(), &texts), changed.json(), "{}", fixture.register.name);

        // Text, but none of a certificate.
        let number = with(full(), &json!({"region_name": "8", "ssl_ca_cert": 1.5}));
        let answer = fixture.send("{KA}", "POST /openapi/v1/regions", &number);
        let said = "the CA cannot be read: there is no such PEM block in it";
        assert_eq!(answer.json()["err"], json!({"ssl_ca_cert": [said]}));
    }
}

#[test]
fn unknown_keys_are_ignored_and_white_space_belongs_to_a_key() {
    let strange = json!({"ID": 3, "create_time": {"a": []}, "URL": false, "": null});
    for fixture in fixtures() {
        let added = fixture.send("{KA}", &format!("POST {REGIONS}"), &with(full(), &strange));
        assert_eq!(added.status(), 201, "{}: {added:?}", fixture.register.name);
        let misspelt = json!({"region_name": "new2", " wsurl": "ws://127.0.0.1:6060"});
        let misspelt = with(without(full(), &["wsurl"]), &misspelt);
        let answer = fixture.send("{KA}", &format!("POST {REGIONS}"), &misspelt);
        assert_eq!(answer.json()["err"], json!({"wsurl": ["该字段是必填项。"]}));
    }
}

#[test]
fn a_taken_name_is_told_together_with_the_rest_in_the_published_order() {
    let all = json!({
        "region_id": "x".repeat(37), "region_name": "foreign", "region_alias": "",
        "url": "bad", "status": "4", "desc": null,
    });
    for fixture in fixtures() {
        let answer: Answer = fixture.send("{KA}", &format!("POST {REGIONS}"), &with(full(), &all));
        let expected = json!({
            "region_id": ["请确保这个字段不能超过 36 个字符。"],
            "region_name": ["具有 region name 的 region config 已存在。"],
            "region_alias": ["该字段不能为空。"],
            "url": ["集群API地址非法"],
            "status": ["集群状态值不正确"],
            "desc": ["该字段不能为 null。"],
        });
        assert_eq!(answer.json()["err"].to_string(), expected.to_string());
    }
}
