//! The published cases of registering a node, S01 to S26: a request, and what must come back.
//!
//! S23, the limit on requests, is among [`crate::dialing_limits`]: limits are off by default.

use cadastre_domain::role::Role;
use serde_json::{Value, json};

use crate::support::{Answer, Register, registers};

/// Where nodes are registered.
pub const REGISTER: &str = "/api/v1/dialing_region/regist";

/// The published example of a body.
pub fn example() -> Value {
    json!({
        "internal": false, "isp": "telecom", "country": "Afghanistan", "city": "Shahrak",
        "keycode": "Afghanistan-Shahrak-telecom", "name": "test",
    })
}

/// One case: the status, and what the answer holds among other things. In its texts, `…` stands
/// before a part of a text, `<n>` for so many letters and digits, `<xid>` for an identifier.
struct Case {
    id: &'static str,
    body: String,
    status: u16,
    expected: Value,
}

fn case(id: &'static str, body: &impl ToString, status: u16, expected: Value) -> Case {
    Case { id, body: body.to_string(), status, expected }
}

fn accepted() -> [Case; 5] {
    let region = |values: Value| json!({"content": {"regionInfo": values}});
    let least = json!({"internal": true, "isp": "telecom", "country": "China", "keycode": "k-06"});
    let nulls = json!({
        "internal": true, "isp": "telecom", "country": "China", "province": null, "city": null,
        "name": null, "company": null, "keycode": "k-07",
    });
    let local = json!({
        "internal": true, "isp": "电信", "country": "中国", "city": "杭州", "keycode": "k-26",
    });
    let empty = region(json!({"province": "", "city": "", "name": "", "company": ""}));
    let first = json!({
        "code": 200, "success": true, "errorCode": "", "message": "",
        "content": {
            "regionInfo": {"keycode": "Afghanistan-Shahrak-telecom", "owner": "custom"},
        },
    });
    let keys = json!({"content": {"ak": {
        "ak": "<20>", "sk": "<40>", "parent_ak": "ak_<xid>", "external_id": "{workspace}",
    }}});
    [
        case("S01 example request", &example(), 200, first),
        case("S03 key forms", &example(), 200, keys),
        case("S06 left-out optional fields become empty strings", &least, 200, empty),
        case("S07 null optional fields accepted", &nulls, 200, region(json!({"name": ""}))),
        case("S26 non-ASCII text survives", &local, 200, region(json!({"city": "杭州"}))),
    ]
}

fn refused() -> [Case; 5] {
    let no_keycode = json!({"internal": true, "isp": "telecom", "country": "China"});
    let no_isp = json!({"internal": true, "isp": null, "country": "China", "keycode": "k-10"});
    let no_internal = json!({"isp": "telecom", "country": "China", "keycode": "k-12"});
    let told = json!({
        "code": 400, "success": false, "errorCode": "ft.InvalidParameter", "content": {},
        "message": "…keycode",
    });
    let isp_told = json!({"errorCode": "ft.InvalidParameter", "message": "…isp"});
    let no_json = json!({"errorCode": "ft.InvalidJSON"});
    [
        case("S09 keycode missing", &no_keycode, 400, told),
        case("S10 isp null", &no_isp, 400, isp_told),
        case("S12 internal missing", &no_internal, 400, json!({"success": false})),
        case("S19 broken JSON", &"{\"internal\":", 400, no_json),
        case("S20 body is an array", &"[]", 400, json!({"success": false})),
    ]
}

/// Whether everything in `expected` is in `actual`.
fn fits(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) if !expected.is_empty() => {
            expected.iter().all(|(key, value)| actual.get(key).is_some_and(|a| fits(value, a)))
        }
        (Value::String(expected), Value::String(actual)) => fits_text(expected, actual),
        _ => expected == actual,
    }
}

fn fits_text(expected: &str, actual: &str) -> bool {
    let letters = |count| actual.len() == count && actual.chars().all(char::is_alphanumeric);
    match expected {
        "<20>" => letters(20) && actual.is_ascii(),
        "<40>" => letters(40) && actual.is_ascii(),
        "ak_<xid>" => actual.strip_prefix("ak_").is_some_and(|xid| {
            xid.len() == 20 && xid.chars().all(|c| matches!(c, '0'..='9' | 'a'..='v'))
        }),
        text => text.strip_prefix('…').map_or(text == actual, |part| actual.contains(part)),
    }
}

fn post(register: &Register, key: &str, body: &str) -> Answer {
    let call = register.request("POST", REGISTER).api_key(key);
    call.body("application/json;charset=UTF-8", body).send()
}

#[test]
fn every_published_registration_is_answered_as_published() {
    for register in registers() {
        for (number, case) in accepted().iter().chain(&refused()).enumerate() {
            // Each in a workspace of its own, as the same keycode comes again.
            let enterprise = register.add_enterprise(&format!("e{number}"));
            let key = register.token(Role::Admin, enterprise, &[]);
            let answer = post(&register, &key, &case.body);
            let told = format!("{} on {}: {answer:?}", case.id, register.name);
            assert_eq!(answer.status(), case.status, "{told}");
            let workspace = format!("wksp_{enterprise}");
            let expected = case.expected.to_string().replace("{workspace}", &workspace);
            let expected = serde_json::from_str(&expected).unwrap();
            assert!(fits(&expected, &answer.json()), "{expected} is not in {told}");
        }
    }
}

#[test]
fn s05_the_identifier_tells_the_second_of_its_creation() {
    for register in registers() {
        let key = register.token(Role::Admin, register.enterprise, &[]);
        let seconds = || std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
        let before = seconds();
        let answer = post(&register, &key, &example().to_string());
        let after = seconds();
        let uuid = answer.json()["content"]["regionInfo"]["uuid"].as_str().unwrap().to_owned();
        // The first 32 of the 35 bits that seven digits hold.
        let digits = uuid.strip_prefix("reg_").unwrap().chars().take(7);
        let made = digits.fold(0, |n, digit| n * 32 + u64::from(digit.to_digit(32).unwrap())) >> 3;
        assert!((before - 2..=after + 2).contains(&made), "S05 on {}: {uuid}", register.name);
    }
}

#[test]
fn s15_another_workspace_may_use_the_same_keycode() {
    for register in registers() {
        let own = register.token(Role::Admin, register.enterprise, &[]);
        let other = register.token(Role::Admin, register.add_enterprise("other"), &[]);
        for key in [own, other] {
            let answer = post(&register, &key, &example().to_string());
            assert_eq!(answer.status(), 200, "S15 on {}: {answer:?}", register.name);
        }
    }
}

#[test]
fn s22_a_wrong_method_is_refused() {
    for register in registers() {
        let key = register.token(Role::Admin, register.enterprise, &[]);
        let answer = register.request("GET", REGISTER).api_key(&key).send();
        assert_eq!(answer.status(), 405, "S22 on {}: {answer:?}", register.name);
    }
}

#[test]
fn s24_a_trace_id_has_the_published_form_and_is_unique() {
    for register in registers() {
        let key = register.token(Role::Admin, register.enterprise, &[]);
        let trace = |keycode: &str| {
            let body = json!({
                "internal": true, "isp": "telecom", "country": "China", "keycode": keycode,
            });
            post(&register, &key, &body.to_string()).json()["traceId"].as_str().unwrap().to_owned()
        };
        let (first, second) = (trace("k-06"), trace("k-24"));
        assert_ne!(first, second, "S24 on {}", register.name);
        let told = format!("S24 on {}: {first}", register.name);
        let uuid = first.strip_prefix("TRACE-").unwrap();
        let lengths = uuid.split('-').map(str::len).collect::<Vec<_>>();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{told}");
        assert!(uuid.chars().all(|c| matches!(c, '0'..='9' | 'A'..='F' | '-')), "{told}");
        // Version 4, and the variant that goes with it.
        assert!(uuid[14..].starts_with('4') && uuid[19..].starts_with(['8', '9', 'A', 'B']));
    }
}
