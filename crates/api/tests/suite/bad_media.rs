//! Types, compressions and forms of bodies that are not read, and answers that nobody wants.

use cadastre_domain::role::Role;
use serde_json::json;

use crate::faces::{Face, Site, each_site};
use crate::support::Answer;

/// The answer to a good body that is said to be of this type.
fn post(site: &Site, kind: &str) -> Answer {
    site.post().body(kind, site.face.body("bad").to_string()).send()
}

/// The answer to these bytes, which are said to be compressed in this way.
fn compressed(site: &Site, coding: &str, body: &[u8]) -> Answer {
    site.post().header("content-encoding", coding).body("application/json", body).send()
}

#[test]
fn a_body_of_another_type_is_not_read() {
    each_site(|site| {
        let kinds = [
            "text/plain",
            "text/json",
            "application/xml",
            "application/octet-stream",
            "application/json-seq",
            "application/json, text/plain",
            "json",
            "/",
            "application/jsön",
        ];
        for kind in kinds {
            if kind.is_ascii() || site.face == Face::Rainbond {
                site.check_refused(&post(site, kind), &[415], kind);
            }
        }
        site.check_serves("good");
    });
}

#[test]
fn a_charset_is_not_believed() {
    each_site(|site| {
        // JSON is UTF-8, whatever is said.
        for (n, charset) in ["utf-16", "latin1", "no-such-charset", "\"", ""].iter().enumerate() {
            let body = site.face.body(&format!("集{n}")).to_string();
            let answer = site.post().body(&format!("application/json;charset={charset}"), body);
            let answer = answer.send();
            assert_eq!(answer.status(), site.face.created(), "{} {charset:?}", site.name());
            assert!(answer.text.contains(&format!("集{n}")), "{} {answer:?}", site.name());
        }
        let latin1 = b"{\"region_name\":\"\xe9\",\"keycode\":\"\xe9\"}".to_vec();
        let answer = site.post().body("application/json;charset=latin1", latin1).send();
        assert_eq!(answer.status(), 400, "{} {answer:?}", site.name());
    });
}

#[test]
fn a_missing_type_is_json_on_one_face_and_refused_on_the_other() {
    each_site(|site| {
        let body = site.face.body("good").to_string();
        let head = site.head(&format!("Content-Length: {}\r\n", body.len()));
        let answer = site.exchange(&[head.as_bytes(), body.as_bytes()]).unwrap();
        if site.face == Face::Rainbond {
            site.check_refused(&answer, &[415], "without a type");
        } else {
            assert_eq!(answer.status(), 200, "{} {answer:?}", site.name());
        }
    });
}

#[test]
fn a_compressed_body_is_not_read() {
    each_site(|site| {
        let good = site.face.body("bad").to_string();
        // An empty text in gzip; what it holds does not matter.
        let gzip = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0";
        for coding in ["gzip", "GZIP", "x-gzip", "deflate", "br", "zstd", "gzip, gzip", "unknown"] {
            site.check_refused(&compressed(site, coding, gzip), &[415], coding);
            site.check_refused(&compressed(site, coding, good.as_bytes()), &[415], coding);
        }
        // It is not guessed from the bytes either.
        let answer = site.post_json(*gzip);
        site.check_refused(&answer, &[400], "gzip that is not said to be");
        let good = site.face.body("good").to_string();
        let answer = compressed(site, "identity", good.as_bytes());
        assert_eq!(answer.status(), site.face.created(), "{} {answer:?}", site.name());
    });
}

#[test]
fn a_broken_form_is_refused() {
    each_site(|site| {
        let kind = "multipart/form-data; boundary=b";
        let part = "--b\r\nContent-Disposition: form-data; name=\"region_name\"\r\n\r\nbad\r\n";
        let forms: [(&str, Vec<u8>); 8] = [
            ("multipart/form-data", b"--b--".into()),
            (kind, b"no boundary in sight".into()),
            (kind, part.as_bytes().into()),
            (kind, format!("{part}{part}--b--\r\n").into()),
            (kind, [part.as_bytes(), b"\xff\r\n--b--\r\n"].concat()),
            ("application/x-www-form-urlencoded", b"region_name=a&region_name=b".into()),
            ("application/x-www-form-urlencoded", b"region_name=%ff&keycode=%zz".into()),
            ("application/x-www-form-urlencoded", b"&&==&%".into()),
        ];
        let status = if site.face == Face::Rainbond { 400 } else { 415 };
        for (kind, body) in forms {
            let told = String::from_utf8_lossy(&body).into_owned();
            let answer = site.post().body(kind, body).send();
            site.check_refused(&answer, &[status], &told);
        }
        site.check_serves("good");
    });
}

#[test]
fn an_answer_goes_out_as_it_is_when_no_compression_suits() {
    each_site(|site| {
        let codings = ["br", "identity;q=0", "*;q=0", "br, *;q=0", "x", ";;,=q", "*", "gzip;q=0"];
        for coding in codings {
            let answer = site.post().header("accept-encoding", coding).json(&json!([])).send();
            if answer.header("content-encoding").is_empty() {
                site.check_refused(&answer, &[400], coding);
            } else {
                assert_eq!(coding, "*", "{} {answer:?}", site.name());
            }
        }
        let list = site.register.request("GET", "/openapi/v1/regions");
        let key = site.register.token(Role::Viewer, site.register.enterprise, &[]);
        let list = list.key(&key).header("accept-encoding", "identity;q=0").send();
        assert_eq!((list.status(), list.text.as_str()), (200, "[]"), "{}", site.name());
    });
}
