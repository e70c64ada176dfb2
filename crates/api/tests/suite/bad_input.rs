//! Bodies that nobody should send, on both faces: each is refused in the shape of its face,
//! nothing is stored, and the server goes on.

use serde_json::{Value, json};

use crate::faces::{Face, Site, each_site};
use crate::material::MATERIAL;
use crate::rainbond_fixture::with;

/// The largest body: 1 MiB.
const LARGEST: usize = 1024 * 1024;

/// A body that would be accepted, with `more` written before its end.
fn good_and(face: Face, more: &str) -> String {
    let good = face.body("bad").to_string();
    format!("{},{more}}}", good.strip_suffix('}').unwrap())
}

/// A body that would be accepted, but the text of one field is these bytes.
fn good_with(face: Face, bytes: &[u8]) -> Vec<u8> {
    let field = if face == Face::Rainbond { "desc" } else { "company" };
    [good_and(face, &format!("\"{field}\":\"")).trim_end_matches('}').as_bytes(), bytes, b"\"}"]
        .concat()
}

#[test]
fn a_body_that_is_no_json_is_refused() {
    each_site(|site| {
        let good = site.face.body("bad").to_string();
        let cut = good.char_indices().map(|(at, _)| &good.as_bytes()[..at]).skip(1);
        cut.step_by(7).for_each(|part| {
            let told = String::from_utf8_lossy(part).into_owned();
            site.check_refused(&site.post_json(part), &[400], &told);
        });
        let utf16 = good.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        let wrong: [(&str, Vec<u8>); 12] = [
            ("white space only", b" \r\n\t".into()),
            ("something behind it", format!("{good}x").into()),
            ("two objects", format!("{good}{good}").into()),
            ("a NUL behind it", format!("{good}\0").into()),
            ("a byte order mark", format!("\u{feff}{good}").into()),
            ("UTF-16", utf16),
            ("a comma too many", good.replace('}', ",}").into()),
            ("single quotes", good.replace('"', "'").into()),
            ("a comment", good.replacen('{', "{/* no */", 1).into()),
            ("no colon", good.replacen(':', " ", 1).into()),
            ("a form", b"region_name=bad&keycode=bad".into()),
            ("XML", b"<?xml version=\"1.0\"?><a/>".into()),
        ];
        for (what, body) in wrong {
            site.check_refused(&site.post_json(body), &[400], what);
        }
        site.check_serves("good");
    });
}

#[test]
fn a_value_that_is_no_json_is_refused_even_where_nobody_looks() {
    each_site(|site| {
        let values = [
            "NaN",
            "Infinity",
            "-",
            "01",
            "+1",
            "1.",
            ".5",
            "1e999",
            "0x10",
            "nul",
            "True",
            "undefined",
            "[1,]",
            "[1 2]",
            "[1",
            "{\"a\"}",
            "{\"a\":1,}",
            "{a:1}",
            r#""\x41""#,
            r#""\u12""#,
            r#""\u{41}""#,
            "\"a\nb\"",
            "\"a\tb\"",
            "\"a\0b\"",
        ];
        for value in values {
            let body = good_and(site.face, &format!("\"unknown\":{value}"));
            site.check_refused(&site.post_json(body), &[400], value);
        }
        site.check_serves("good");
    });
}

#[test]
fn text_that_is_no_unicode_is_refused() {
    each_site(|site| {
        let texts: [(&str, &[u8]); 11] = [
            ("a byte that never occurs", b"\xff"),
            ("a continuation without a start", b"\x80"),
            ("a start without its continuation", b"\xe9\x9b"),
            ("an overlong slash", b"\xc0\xaf"),
            ("an overlong NUL", b"\xc0\x80"),
            ("a surrogate in three bytes", b"\xed\xa0\x80"),
            ("beyond the last character", b"\xf4\x90\x80\x80"),
            ("an escaped high surrogate alone", br"\ud800"),
            ("an escaped low surrogate alone", br"\udc00"),
            ("escaped surrogates in the wrong order", br"\udc00\ud800"),
            ("an escaped surrogate before a letter", br"\ud83dx"),
        ];
        for (what, text) in texts {
            site.check_refused(&site.post_json(good_with(site.face, text)), &[400], what);
        }
        let whole = site.post_json(good_with(site.face, br"\ud83c\udfd9"));
        assert_eq!(whole.status(), site.face.created(), "{} {whole:?}", site.name());
        assert!(whole.text.contains('🏙'), "{} {whole:?}", site.name());
    });
}

#[test]
fn a_key_that_stands_twice_is_refused_however_it_is_written() {
    each_site(|site| {
        let (field, escaped) = match site.face {
            Face::Rainbond => ("region_name", r"region\u005fname"),
            Face::Dialing => ("keycode", r"\u006beycode"),
        };
        for key in [field, escaped] {
            let body = good_and(site.face, &format!("\"{key}\":\"other\""));
            site.check_refused(&site.post_json(body), &[400], key);
        }
        let deep = good_and(site.face, r#""unknown":[{"a":1,"b":{},"\u0061":2}]"#);
        site.check_refused(&site.post_json(deep), &[400], "deep inside");
        site.check_serves("good");
    });
}

#[test]
fn a_nul_is_refused_in_every_text() {
    each_site(|site| {
        for field in site.face.texts() {
            let mut body = site.face.body("bad");
            body[*field] = json!("1\0");
            site.check_refused(&site.post().json(&body).send(), &[400], field);
        }
        site.check_serves("good");
    });
}

#[test]
fn a_body_that_is_no_object_is_refused() {
    each_site(|site| {
        let good = site.face.body("bad");
        let others = [json!([]), json!([good]), json!(good.to_string()), json!(""), Value::Null];
        let numbers = [json!(0), json!(-1.5), json!(u64::MAX), json!(true), json!(false)];
        for body in others.into_iter().chain(numbers) {
            site.check_refused(&site.post().json(&body).send(), &[400], &body.to_string());
        }
        site.check_refused(&site.post_json(""), &[400], "an empty body");
        site.check_refused(&site.post().send(), &[400], "no body at all");
        site.check_serves("good");
    });
}

#[test]
fn every_field_refuses_every_other_type() {
    each_site(|site| {
        for field in site.face.texts() {
            for value in [json!([]), json!(["x"]), json!({}), json!({"a": "x"}), json!(true)] {
                let mut body = site.face.body("bad");
                body[*field] = value;
                site.check_refused(&site.post().json(&body).send(), &[400], &body.to_string());
            }
        }
        site.check_serves("good");
    });
}

#[test]
fn sixty_four_levels_are_read_and_no_more() {
    each_site(|site| {
        // The body itself is the first level.
        let arrays = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        let objects = |n: usize| format!("{}0{}", r#"{"a":"#.repeat(n), "}".repeat(n));
        let deep = |value: String| good_and(site.face, &format!("\"unknown\":{value}"));
        for levels in [65, 128, 129, 100_000] {
            let told = format!("{levels} levels");
            for value in [arrays(levels - 1), objects(levels - 1)] {
                site.check_refused(&site.post_json(deep(value)), &[400], &told);
            }
            site.check_refused(&site.post_json(arrays(levels)), &[400], &told);
            site.check_refused(&site.post_json("[".repeat(levels)), &[400], &told);
            site.check_refused(&site.post_json("{\"a\":".repeat(levels)), &[400], &told);
        }
        let answer = site.post_json(deep(arrays(63)));
        assert_eq!(answer.status(), site.face.created(), "{} {answer:?}", site.name());
    });
}

#[test]
fn a_body_of_one_mebibyte_is_read_and_one_byte_more_is_not() {
    each_site(|site| {
        let good = site.face.body("large").to_string();
        let body = format!("{good}{}", " ".repeat(LARGEST - good.len()));
        let chunked = |body: &str| {
            let head =
                site.head("Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n");
            let (first, second) = body.split_at(70_000);
            let chunk = |part: &str| format!("{:x}\r\n{part}\r\n", part.len());
            let chunks = [chunk(first), chunk(second), "0\r\n\r\n".to_owned()].concat();
            site.exchange(&[head.as_bytes(), chunks.as_bytes()]).unwrap()
        };
        let more = format!("{body} ");
        site.check_refused(&site.post_json(more.clone()), &[413], "announced");
        site.check_refused(&chunked(&more), &[413], "in chunks");
        let answer = site.post_json(body);
        assert_eq!(answer.status(), site.face.created(), "{} {answer:?}", site.name());
        // The name is taken now, so this is refused for what it says and not for its size.
        let taken = if site.face == Face::Rainbond { 400 } else { 409 };
        assert_eq!(chunked(&format!("{good}{}", " ".repeat(LARGEST - good.len()))).status(), taken);
    });
}

#[test]
fn a_pem_text_has_at_most_65535_characters() {
    let check = |site: &Site, field: &str, name: &str, letter: &str| {
        let mut body = with(site.face.body("bad"), &MATERIAL);
        let pem = MATERIAL[field].as_str().unwrap();
        // Words in front of it count, too.
        let long = |most: usize| json!(letter.repeat(most - pem.len() - 1) + "\n" + pem);
        body[field] = long(65_536);
        let answer = site.post().json(&body).send();
        let told = format!("{} {field} {letter}: {}", site.name(), answer.status());
        assert_eq!(answer.status(), 400, "{told}");
        let expected = json!({field: ["请确保这个字段不能超过 65535 个字符。"]});
        assert_eq!(answer.json()["err"], expected, "{told}");
        assert!(!site.stored().iter().any(|stored| stored == "bad"), "{told}");
        body["region_name"] = json!(name);
        body[field] = long(65_535);
        let answer = site.post().json(&body).send();
        assert_eq!(answer.status(), 201, "{told} {}", answer.text.len());
        assert_eq!(answer.json()[field], body[field], "{told}");
    };
    each_site(|site| {
        if site.face == Face::Rainbond {
            for field in ["ssl_ca_cert", "cert_file", "key_file"] {
                check(site, field, &format!("{field}.1"), "x");
                check(site, field, &format!("{field}.3"), "集");
            }
        }
    });
}
