//! What machines that run the service ask it.

use std::io::Read as _;

use flate2::read::GzDecoder;

use crate::support::{Register, register_with, registers};

const PLAIN: &str = "text/plain; charset=utf-8";

/// The paths, and what they say when all is well.
const PATHS: [(&str, &str); 2] = [("/livez", "alive\n"), ("/readyz", "ready\n")];

fn each(check: impl Fn(&Register, &str, &str)) {
    for register in registers() {
        for (path, text) in PATHS {
            check(&register, path, text);
        }
    }
}

#[test]
fn a_server_that_is_well_says_so_to_everybody() {
    each(|register, path, text| {
        let answer = register.request("GET", path).send();
        assert_eq!((answer.status(), answer.text.as_str()), (200, text), "{}", register.name);
        assert_eq!(answer.header("content-type"), PLAIN, "{} {path}", register.name);
        let with_key = register.request("GET", path).key("wrong").api_key("wrong").send();
        assert_eq!(with_key.status(), 200, "{} {path}", register.name);
    });
}

#[test]
fn head_is_get_without_the_body() {
    each(|register, path, text| {
        let answer = register.request("HEAD", path).send();
        assert_eq!((answer.status(), answer.text.as_str()), (200, ""), "{}", register.name);
        assert_eq!(answer.header("content-type"), PLAIN, "{} {path}", register.name);
        assert_eq!(answer.header("content-length"), text.len().to_string(), "{}", register.name);
    });
}

#[test]
fn other_methods_are_refused() {
    each(|register, path, _| {
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get"] {
            let answer = register.request(method, path).send();
            let told = format!("{} {method} {path} {answer:?}", register.name);
            assert_eq!((answer.status(), answer.header("allow")), (405, "GET, HEAD"), "{told}");
            assert_eq!(answer.header("content-type"), PLAIN, "{told}");
            assert_eq!(answer.text, "GET only\n", "{told}");
        }
    });
}

#[test]
fn a_query_changes_nothing() {
    each(|register, path, text| {
        let answer = register.request("GET", &format!("{path}?verbose=%zz&x")).send();
        assert_eq!((answer.status(), answer.text.as_str()), (200, text), "{}", register.name);
    });
}

#[test]
fn everybody_is_told_what_the_faces_speak() {
    for register in registers() {
        for face in ["rainbond", "dialing", "native"] {
            let path = format!("/openapi/{face}.json");
            let answer = register.request("GET", &path).send();
            assert_eq!(answer.status(), 200, "{} {path}", register.name);
            assert_eq!(answer.header("content-type"), "application/json", "{path}");
            let document = answer.json();
            assert_eq!(document["openapi"], "3.1.0", "{path}");
            assert!(document["paths"].as_object().is_some_and(|paths| !paths.is_empty()), "{path}");
            // Whoever asks: nobody is asked who he is.
            let with_key = register.request("GET", &path).key("wrong").send();
            assert_eq!(with_key.text, answer.text, "{path}");
            let head = register.request("HEAD", &path).send();
            assert_eq!((head.status(), head.text.as_str()), (200, ""), "{path}");
            assert_eq!(head.header("content-length"), answer.header("content-length"), "{path}");
            let put = register.request("PUT", &path).send();
            assert_eq!((put.status(), put.header("allow")), (405, "GET, HEAD"), "{path}");
        }
    }
}

#[test]
fn documents_are_compressed_for_clients_that_accept_it_and_not_sent_again() {
    let register = register_with(|_| {});
    for face in ["rainbond", "dialing", "native"] {
        let path = format!("/openapi/{face}.json");
        let whole = register.request("GET", &path).send();
        let (tag, plain) = (whole.header("etag").to_owned(), whole.text.as_bytes());
        assert_eq!(whole.header("content-encoding"), "", "{path}");
        let request = register.request("GET", &path).header("accept-encoding", "br, gzip");
        let mut packed = request.send_for_bytes();
        assert_eq!(packed.headers()["content-encoding"], "gzip", "{path}");
        assert_eq!(packed.headers()["vary"], "Accept-Encoding", "{path}");
        assert_eq!(packed.headers()["etag"], tag.as_str(), "{path}");
        let packed = packed.body_mut().read_to_vec().unwrap();
        assert!(packed.len() * 5 < plain.len(), "{path}: {} of {}", packed.len(), plain.len());
        let mut unpacked = Vec::new();
        GzDecoder::new(&*packed).read_to_end(&mut unpacked).unwrap();
        assert!(unpacked == plain, "{path}: other bytes");
        let copy = register.request("GET", &path).header("if-none-match", &tag).send();
        assert_eq!((copy.status(), copy.text.as_str()), (304, ""), "{path}");
        assert_eq!(copy.header("etag"), tag, "{path}");
        let other = register.request("GET", &path).header("if-none-match", "\"x\"").send();
        assert_eq!(other.status(), 200, "{path}");
    }
}
