//! The rules that single fields of a region obey beyond their length: what is taken, what is not.

use serde_json::{Value, json};

use crate::rainbond_fixture::{REGIONS, bare_fixtures, full, with};

/// Adds one region per value, and expects it to be answered as it was sent, but for white space.
fn takes(field: &str, values: &[Value]) {
    for fixture in bare_fixtures() {
        for (number, value) in values.iter().enumerate() {
            let mut body = with(full(), &json!({"region_name": format!("n{number}"), "status": 0}));
            body[field] = value.clone();
            let added = fixture.send("{KA}", &format!("POST {REGIONS}"), &body);
            let at = format!("{field} {value} on {}", fixture.register.name);
            assert_eq!(added.status(), 201, "{at}: {added:?}");
            let text = value.as_str().map_or_else(|| value.to_string(), |t| t.trim().to_owned());
            assert_eq!(added.json()[field], text, "{at}");
        }
    }
}

/// Sends each value, and expects it to be refused with this text and nothing to be stored.
fn refuses(field: &str, values: &[Value], text: &str) {
    for fixture in bare_fixtures() {
        for value in values {
            let mut body = full();
            body[field] = value.clone();
            let answer = fixture.send("{KA}", &format!("POST {REGIONS}"), &body);
            let at = format!("{field} {value} on {}", fixture.register.name);
            assert_eq!(answer.json()["err"], json!({field: [text]}), "{at}: {answer:?}");
        }
        assert!(fixture.listed("{KA}").is_empty(), "{field} on {}", fixture.register.name);
    }
}

fn texts(values: &[&str]) -> Vec<Value> {
    values.iter().map(|value| json!(value)).collect()
}

#[test]
fn a_name_has_letters_and_digits_of_any_script_and_three_marks() {
    takes("region_name", &texts(&["上海-1区", " a_b-c.d ", "Ω", "R1", "r1", "٣"]));
    refuses(
        "region_name",
        &texts(&["a b", "a/b", "..\\", "<a>", "a\nb", "a:b", "a'b", "😀"]),
        "集群名称只能包含字母、数字、“_”、“-”和“.”",
    );
}

#[test]
fn an_api_url_is_http_or_https_with_any_kind_of_host_and_no_user() {
    let good = [
        "http://rbd-api-api:8443",
        "https://[::1]:8443/x?y=1",
        "HTTP://LOCALHOST",
        "https://a.example.com/路径?q=1",
        " http://10.0.0.1:65535 ",
        "http://h?x",
        "http://h/",
    ];
    takes("url", &texts(&good));
    let bad = [
        "bad",
        "ftp://h",
        "ws://h",
        "http://",
        "http://u:p@h",
        "http://u@h",
        "http://a_b",
        "http://h:0",
        "http://h:65536",
        "http://h:",
        "http://256.1.1.1",
        "http://h/a b",
        "http://-h",
        "http://::1",
        "http://h#f",
        "http://集群.example.com",
        "//h",
        "http:/h",
    ];
    refuses("url", &texts(&bad), "集群API地址非法");
}

#[test]
fn a_websocket_url_may_be_one_of_http_as_well() {
    takes(
        "wsurl",
        &texts(&["ws://rbd-api-websocket:6060", "wss://[::1]/", "http://h", "https://h", "WS://h"]),
    );
    let bad = ["bad", "ftp://h", "wss://", "ws://u:p@h", "ws://h:99999", "h:6060"];
    refuses("wsurl", &texts(&bad), "集群Websocket地址非法");
}

#[test]
fn a_tcp_address_is_an_address_or_a_name_and_nothing_behind_it() {
    let good = "1.2.3.4 1.2.3.4:80 ::1 [::1] [2001:db8::1]:80 tcp.example.com tcp.example.com:6000 \
                localhost 255.255.255.255";
    takes("tcpdomain", &texts(&good.split_whitespace().collect::<Vec<_>>()));
    let bad = "256.1.1.1 1.2.3 1.2.3.4.5 1.2.3.4junk/ 1.2.3.4junk 1.2.3.999 1.2.3.4:0 1.2.3.4:x \
               bad tcp:80 http://h h: ::1:80: [::1 [::1]x a_b.c -a.b a..b";
    refuses("tcpdomain", &texts(&bad.split_whitespace().collect::<Vec<_>>()), "TCP访问地址非法");
    refuses("tcpdomain", &texts(&["a.b c.d"]), "TCP访问地址非法");
}

#[test]
fn a_root_domain_of_http_applications_is_free_text() {
    takes("httpdomain", &texts(&["h.example.com", "*.apps", "根域名 with words", "0"]));
}

#[test]
fn a_scope_is_one_of_two_words_in_small_letters() {
    takes("scope", &texts(&["private", " public "]));
    refuses("scope", &texts(&["Private", "PUBLIC", "default", "0"]), "集群开放类型不正确");
}

#[test]
fn a_status_is_one_of_four_digits_as_text_or_as_a_number() {
    let good = json!(["0", "1", "2", " 3 ", 0, 1, 2, 3]);
    takes("status", good.as_array().unwrap());
    let bad = json!(["4", "-1", "01", "99", 4, -1, 10, "a"]);
    refuses("status", bad.as_array().unwrap(), "集群状态值不正确");
    let long = json!([1.0, "ONLINE", "100", 100]);
    refuses("status", long.as_array().unwrap(), "请确保这个字段不能超过 2 个字符。");
    refuses("status", &[json!(true)], "Not a valid string.");
}

#[test]
fn nothing_given_in_place_of_an_enterprise_is_the_callers_own() {
    for fixture in bare_fixtures() {
        for (name, nothing) in [("a", json!(null)), ("b", json!("")), ("c", json!("  "))] {
            let body = with(full(), &json!({"region_name": name, "enterprise_id": nothing}));
            let added = fixture.send("{KO}", &format!("POST {REGIONS}"), &body);
            assert_eq!(added.status(), 201, "{}: {added:?}", fixture.register.name);
            assert_eq!(added.json()["enterprise_id"], fixture.fill("{E2}"));
        }
    }
}

#[test]
fn nothing_given_in_place_of_credentials_is_none() {
    let cleared = json!({"ssl_ca_cert": null, "cert_file": " \n", "key_file": null, "token": null});
    for fixture in bare_fixtures() {
        let added = fixture.send("{KA}", &format!("POST {REGIONS}"), &with(full(), &cleared));
        assert_eq!(added.status(), 201, "{}: {added:?}", fixture.register.name);
        for field in ["ssl_ca_cert", "cert_file", "key_file", "token"] {
            assert_eq!(added.json()[field], json!(null), "{field}");
        }
    }
}
