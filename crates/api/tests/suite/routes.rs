//! What is served and what is described are the same, seen from outside.

use std::collections::{BTreeMap, BTreeSet};

use cadastre_domain::role::Role;

use crate::documents::Documents;
use crate::rainbond_fixture::fixtures;
use crate::support::{Answer, Register, register_with};

/// Every method that anybody might try.
const METHODS: [&str; 9] =
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"];

/// Identifies nothing.
const UNKNOWN: &str = "0123456789abcdef0123456789abcdef";

/// A register and its documents, and a key that may do everything.
struct Scene {
    register: Register,
    documents: Documents,
    key: String,
}

impl Scene {
    fn new() -> Self {
        let register = register_with(|_| {});
        let documents = Documents::of(&register);
        let key = register.token(Role::Platform, register.enterprise, &[]);
        Self { register, documents, key }
    }

    /// The answer to this method on a path.
    fn ask(&self, method: &str, path: &str) -> Answer {
        let call = self.register.request(method, &filled(path)).key(&self.key).api_key(&self.key);
        call.body("application/json", "{}").send()
    }

    /// The methods that are described, by path.
    fn described(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut paths = BTreeMap::<_, BTreeSet<_>>::new();
        for found in self.documents.operations() {
            let path = found.path.to_owned();
            assert!(paths.entry(path).or_default().insert(found.method), "{} twice", found.path);
        }
        paths
    }
}

/// A path as it is described, its parameters filled.
fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { UNKNOWN } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// Whether a face has nothing on this path.
fn leads_nowhere(answer: &Answer) -> bool {
    if answer.status() != 404 || answer.text == "not found\n" {
        return answer.status() == 404;
    }
    let body = answer.json();
    body["error_type"] == "NotFound"
        || body["code"] == "no_such_path"
        || body["message"] == "no such path"
}

#[test]
fn every_operation_that_is_described_is_served() {
    let scene = Scene::new();
    let operations = scene.documents.operations();
    assert!(operations.len() >= 16, "{}", operations.len());
    for found in operations {
        let at = format!("{} {} {}", found.id, found.method, found.path);
        let answer = scene.ask(&found.method, found.path);
        assert!(!leads_nowhere(&answer), "{at}: {answer:?}");
        assert!(!matches!(answer.status(), 405 | 501), "{at}: {answer:?}");
        found.check(&answer, &at);
    }
}

#[test]
fn no_parameter_of_a_query_that_contains_nul_is_a_failure_of_the_server() {
    for fixture in fixtures() {
        for found in Documents::of(&fixture.register).operations() {
            let parameters = found.operation["parameters"].as_array().into_iter().flatten();
            for parameter in parameters.filter(|parameter| parameter["in"] == "query") {
                let name = parameter["name"].as_str().unwrap();
                for text in ["%00", "a%00b"] {
                    let path = format!("{}?{name}={text}", path_of_the_fixture(found.path));
                    let path = fixture.fill(&path);
                    let key = fixture.fill("{KA}");
                    let call = fixture.register.request(&found.method, &path);
                    let answer = call.key(&key).api_key(&key).body("application/json", "{}").send();
                    let told =
                        format!("{} {} {path} {answer:?}", fixture.register.name, found.method);
                    assert!(answer.status() < 500, "{told}");
                }
            }
        }
    }
}

/// A path as it is described, its parameters filled with what there is in the fixture as far as the path
/// tells.
fn path_of_the_fixture(path: &str) -> String {
    let mut before = "";
    let part = |part| {
        let named = std::mem::replace(&mut before, part);
        match (part.starts_with('{'), named) {
            (false, _) => part,
            (true, "regions") => "{r1}",
            (true, "teams") => "{T}",
            (true, "enterprises") => "{E1}",
            (true, _) => UNKNOWN,
        }
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[test]
fn a_method_that_is_not_described_is_refused_and_allow_names_those_that_are() {
    let scene = Scene::new();
    for (path, mut methods) in scene.described() {
        // Whatever is asked for below a region of a team, its guard answers first (contract 6.10).
        if path.ends_with(REST) {
            continue;
        }
        // Nobody describes it: it is wherever `GET` is, unless that changes something.
        let faces = ["/openapi/", "/api/v1/"];
        let read = scene.documents.operations().into_iter().any(|found| {
            found.path == path && found.method == "GET" && found.operation["x-changes"] == false
        });
        if faces.iter().any(|face| path.starts_with(face)) && read {
            methods.insert("HEAD".to_owned());
        }
        for method in METHODS.into_iter().filter(|method| !methods.contains(*method)) {
            let answer = scene.ask(method, &path);
            assert_eq!(answer.status(), 405, "{method} {path}: {answer:?}");
            let allow = answer.header("allow").split(", ").map(str::to_owned);
            assert_eq!(allow.collect::<BTreeSet<_>>(), methods, "{method} {path}");
        }
    }
}

/// How a path ends that stands for everything below another one.
const REST: &str = "/{rest}";

/// Paths around one that is described: those above it, below it and beside it.
fn around(path: &str) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    let path = filled(path);
    let parts: Vec<_> = path.split('/').skip(1).collect();
    for count in 1..=parts.len() {
        let above = format!("/{}", parts[..count].join("/"));
        for end in ["", "/", "/x", "/nowhere", "x"] {
            paths.insert(format!("{above}{end}"));
        }
        for word in ["regions", "teams", "tokens", "users", "audit", "credentials", "status"] {
            paths.insert(format!("{above}/{word}"));
        }
    }
    paths
}

/// Whether `path` is one of those that are described, its parameters filled.
fn fits<'a>(path: &str, mut described: impl Iterator<Item = &'a String>) -> bool {
    let parts: Vec<_> = path.split('/').collect();
    described.any(|known| {
        let known: Vec<_> = known.split('/').collect();
        known.len() == parts.len()
            && known
                .iter()
                .zip(&parts)
                .all(|(known, part)| known == part || (known.starts_with('{') && !part.is_empty()))
    })
}

/// Whether `path` is below this one, its parameters filled.
fn is_below(path: &str, known: &str) -> bool {
    let depth = known.split('/').count();
    let above: Vec<_> = path.split('/').take(depth).collect();
    path.split('/').count() > depth && fits(&above.join("/"), std::iter::once(&known.to_owned()))
}

#[test]
fn nothing_is_served_beside_what_is_described() {
    let scene = Scene::new();
    let described = scene.described();
    let mut asked = 0;
    let candidates: BTreeSet<_> = described.keys().flat_map(|path| around(path)).collect();
    for path in candidates {
        let guarded = described.keys().filter_map(|known| known.strip_suffix(REST));
        if fits(&path, described.keys()) || guarded.into_iter().any(|known| is_below(&path, known))
        {
            continue;
        }
        for method in ["GET", "POST", "PUT", "DELETE"] {
            let answer = scene.ask(method, &path);
            assert!(
                leads_nowhere(&answer),
                "{method} {path} is served and not described: {answer:?}"
            );
            asked += 1;
        }
    }
    assert!(asked > 500, "only {asked} requests were sent");
}

#[test]
fn every_operation_takes_a_right_that_not_every_stranger_has() {
    let scene = Scene::new();
    for found in scene.documents.operations() {
        let at = format!("{} {}", found.method, found.path);
        let right = found.operation["x-right"].as_str();
        let word = |right: &str| right.bytes().all(|c| c.is_ascii_lowercase() || c == b'_');
        assert!(right.is_some_and(|right| !right.is_empty() && word(right)), "{at}: {right:?}");
        let call = scene.register.request(&found.method, &filled(found.path));
        let answer = call.body("application/json", "{}").send();
        assert!(matches!(answer.status(), 401 | 403), "{at} lets strangers in: {answer:?}");
        found.check(&answer, &at);
    }
}

#[test]
fn the_documents_themselves_are_public_and_complete() {
    let scene = Scene::new();
    for face in ["rainbond", "dialing", "native"] {
        let path = format!("/openapi/{face}.json");
        let answer = scene.register.request("GET", &path).send();
        assert_eq!((answer.status(), answer.header("content-type")), (200, "application/json"));
        let document = answer.json();
        assert!(document["openapi"].as_str().is_some_and(|v| v.starts_with("3.1")), "{face}");
        assert!(!document["paths"].as_object().unwrap().is_empty(), "{face}");
        let head = scene.register.request("HEAD", &path).send();
        assert_eq!((head.status(), head.text.as_str()), (200, ""), "{face}");
        for method in ["POST", "PUT", "DELETE"] {
            let answer = scene.register.request(method, &path).send();
            assert_eq!((answer.status(), answer.header("allow")), (405, "GET, HEAD"), "{face}");
        }
    }
    let unknown = scene.register.request("GET", "/openapi/other.json").send();
    assert_eq!(unknown.status(), 404);
}
