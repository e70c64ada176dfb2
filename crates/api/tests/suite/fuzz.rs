//! Thousands of random requests: whatever comes, no answer is a fault of the server, and each is
//! in the shape of its face.

use std::cell::RefCell;

use cadastre_testkit::Seed;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};
use serde_json::{Map, Value};

use crate::faces::{Face, Site, each_site};
use crate::raw::Peer;
use crate::support::Answer;

/// How many requests each face on each database gets, of each kind.
const CASES: u32 = 1000;

/// A client that keeps its connection as long as the server does.
struct Client<'a> {
    site: &'a Site<'a>,
    peer: RefCell<Peer>,
}

impl<'a> Client<'a> {
    fn of(site: &'a Site<'a>) -> Self {
        Self { site, peer: RefCell::new(Peer::of(site.register)) }
    }

    fn ask(&self, request: &[u8], is_head: bool) -> Result<Answer, TestCaseError> {
        let mut peer = self.peer.borrow_mut();
        peer.send(request);
        let answer = if is_head { peer.head() } else { peer.answer() };
        let closed = answer.as_ref().is_none_or(|answer| answer.header("connection") == "close");
        if closed {
            *peer = Peer::of(self.site.register);
        }
        answer.ok_or_else(|| TestCaseError::fail("no answer"))
    }
}

fn run<S: Strategy>(
    seed: &Seed,
    strategy: S,
    check: impl Fn(S::Value) -> Result<(), TestCaseError>,
    told: &str,
) {
    let rng_seed = RngSeed::Fixed(seed.value());
    let config = Config { cases: CASES, failure_persistence: None, rng_seed, ..Config::default() };
    let outcome = TestRunner::new(config).run(&strategy, check);
    outcome.unwrap_or_else(|error| panic!("{told}: {error}"));
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z0-9.-]{1,12}",
        2 => ".{0,12}",
        1 => "\\PC{250,260}",
        2 => select(vec![
            "", " ", "\0", "0", "1", "9", "null", "true", "private", "public", "http://x", "ws://x",
            "https://u:p@h/", "1.2.3.4", "256.1.1.1", "::1", "[::1]:80", "a:99999", "-", "..", "é",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "\u{202e}", "\u{feff}",
        ]).prop_map(str::to_owned),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => text().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A change of bytes: where, of which kind, and to what.
type Edit = (Index, u8, u8);

fn apply(bytes: &mut Vec<u8>, edits: &[Edit]) {
    for (at, kind, byte) in edits {
        if bytes.is_empty() {
            return;
        }
        let at = at.index(bytes.len());
        match kind % 5 {
            0 => bytes[at] = *byte,
            1 => drop(bytes.remove(at)),
            2 => bytes.insert(at, *byte),
            3 => bytes.truncate(at),
            _ => bytes.extend_from_within(at..),
        }
    }
}

/// A good body in which some fields are others or missing, and some bytes wrong; or any bytes.
fn body(face: Face) -> impl Strategy<Value = Vec<u8>> {
    let mut fields = face.texts().to_vec();
    fields.extend(["internal", "unknown"]);
    let changes = prop::collection::vec((select(fields), prop::option::of(value())), 0..4);
    let edits = prop_oneof![
        3 => Just(Vec::new()),
        1 => prop::collection::vec(any::<Edit>(), 1..4),
    ];
    let edited = ("[a-z0-9]{1,10}", changes, edits).prop_map(move |(name, changes, edits)| {
        let mut body = face.body(&name);
        for (field, value) in changes {
            match value {
                Some(value) => body[field] = value,
                None => drop(body.as_object_mut().unwrap().remove(field)),
            }
        }
        let mut bytes = body.to_string().into_bytes();
        apply(&mut bytes, &edits);
        bytes
    });
    let other = value().prop_map(|value| value.to_string().into_bytes());
    prop_oneof![8 => edited, 1 => other, 1 => any::<Vec<u8>>()]
}

fn kind() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        12 => Just("application/json"),
        1 => select(vec![
            "application/json; charset=utf-8", "text/plain", "multipart/form-data; boundary=x",
            "application/x-www-form-urlencoded", "", "x", "application/xml",
        ]),
    ]
}

#[test]
fn no_body_makes_the_server_fail() {
    let seed = Seed::obtain();
    each_site(|site| {
        let client = Client::of(site);
        let check = |(kind, body): (&str, Vec<u8>)| {
            let length = body.len();
            let head = site.head(&format!("Content-Type: {kind}\r\nContent-Length: {length}\r\n"));
            let answer = client.ask(&[head.as_bytes(), &body].concat(), false)?;
            if answer.status() == site.face.created() {
                return Ok(());
            }
            // 404 is an enterprise that does not exist, 409 a keycode that does.
            let expected: &[u16] = match site.face {
                Face::Rainbond => &[400, 404, 413, 415],
                Face::Dialing => &[400, 409, 413, 415],
            };
            prop_assert!(expected.contains(&answer.status()), "{:?}", answer);
            site.face.check_refusal(&answer, &site.name());
            Ok(())
        };
        run(&seed, (kind(), body(site.face)), check, &site.name());
        assert!(!site.stored().is_empty(), "{}: some must have been good", site.name());
        site.check_serves("not-of-the-random-ones");
    });
}

fn segment() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => select(vec![
            "v1", "v2", "manage", "regions", "teams", "dialing_region", "regist", "dialing_task",
            "list", "info", "delete", "task", "pull", "livez", "readyz", "metrics",
            "0123456789abcdef0123456789abcdef", "reg_cg2britepb7e977fpm8g", "default",
        ]).prop_map(str::to_owned),
        2 => select(vec![
            "", ".", "..", "%00", "%2f", "%2F..", "%zz", "%", "%e4%bd%a0", "%ff%fe", "*", "{id}",
            "%0d%0a", "a%20b", "%252f", ";", ":", "@", "-", "_",
        ]).prop_map(str::to_owned),
        2 => "[A-Za-z0-9_.~!$&'()*+,;=:@-]{0,12}",
    ]
}

/// A method and a path, whose first part is never written with escapes.
fn target() -> impl Strategy<Value = (&'static str, String)> {
    let methods = vec![
        "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "get", "X",
    ];
    let starts =
        vec!["/openapi", "/openapi/v1", "/openapi/v2/manage", "/api/v1", "/api", "/v1", ""];
    let path =
        (select(starts), prop::collection::vec(segment(), 0..5)).prop_map(|(start, parts)| {
            let path = parts.iter().fold(start.to_owned(), |path, part| format!("{path}/{part}"));
            if path.is_empty() { "/".to_owned() } else { path }
        });
    let query =
        prop_oneof![2 => Just(""), 1 => select(vec!["?", "?format=json", "?a=%zz&&=", "?x=%00"])];
    (select(methods), path, query).prop_map(|(method, path, query)| (method, path + query))
}

/// The face that a path belongs to, if any.
fn face_of(target: &str) -> Option<Face> {
    let path = target.split('?').next().unwrap();
    let below = |start: &str| {
        path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    match () {
        () if below("/openapi") => Some(Face::Rainbond),
        () if below("/api/v1") => Some(Face::Dialing),
        () => None,
    }
}

#[test]
fn no_path_and_no_method_makes_the_server_fail() {
    let seed = Seed::obtain();
    each_site(|site| {
        let client = Client::of(site);
        let check = |((method, target), with_key): ((&str, String), bool)| {
            let key = if with_key { site.key.as_str() } else { "wrong" };
            let request = format!(
                "{method} {target} HTTP/1.1\r\nHost: register\r\nAuthorization: {key}\r\n\
                 DF-API-KEY: {key}\r\n\r\n"
            );
            let answer = client.ask(request.as_bytes(), method == "HEAD")?;
            prop_assert!(answer.status() < 500, "{:?}", answer);
            let json = answer.header("content-type") == "application/json";
            prop_assert_eq!(json, face_of(&target).is_some(), "{:?}", answer);
            match face_of(&target) {
                Some(face) if method != "HEAD" && answer.status() >= 400 => {
                    face.check_refusal(&answer, &target);
                }
                Some(_) => {}
                None => prop_assert!(answer.header("content-type").starts_with("text/plain")),
            }
            Ok(())
        };
        run(&seed, (target(), any::<bool>()), check, &site.name());
        assert_eq!(site.stored(), [] as [&str; 0], "{}", site.name());
        site.check_serves("good");
    });
}
