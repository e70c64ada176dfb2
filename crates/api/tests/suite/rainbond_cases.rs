//! The cases of the contract that belong to the published interface: a request, and what must come
//! back. A case whose expectation is not what the original does names the decision behind it.

mod access;
mod add;
mod list;
mod manage;
mod open;
mod region;
mod teams;
mod update;

use serde_json::{Value, json};

use crate::rainbond_fixture::{Fixture, SOMEWHERE, wrong_fields};
use crate::stub_cluster::{StubCluster, call_loopback};
use crate::support::{Answer, registers, registers_with};

/// A fixture, and the cluster of its regions.
struct Scene {
    fixture: Fixture,
    cluster: StubCluster,
}

/// What there is before a case.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Setting {
    /// The fixture.
    Usual,
    /// Its keys only.
    NoRegions,
    /// The fixture with calls to clusters, and a cluster that answers.
    ClusterCalls,
}

/// Something that must be true afterwards.
type Fact = fn(&Scene, &Answer) -> bool;

/// One case.
struct Case {
    id: &'static str,
    decision: &'static str,
    setting: Setting,
    given: Option<fn(&mut Scene)>,
    key: &'static str,
    request: &'static str,
    header: Option<(&'static str, &'static str)>,
    body: Option<(&'static str, String)>,
    status: u16,
    expected_header: Option<(&'static str, &'static str)>,
    expected: Value,
    wrong: &'static [&'static str],
    facts: Vec<(&'static str, Fact)>,
}

/// A case that expects this status.
fn case(id: &'static str, key: &'static str, request: &'static str, status: u16) -> Case {
    Case {
        id,
        decision: "",
        setting: Setting::Usual,
        given: None,
        key,
        request,
        header: None,
        body: None,
        status,
        expected_header: None,
        expected: json!({}),
        wrong: &[],
        facts: Vec::new(),
    }
}

impl Case {
    /// The decision by which the expectation differs from the original.
    fn decided(mut self, decision: &'static str) -> Self {
        self.decision = decision;
        self
    }

    fn setting(mut self, setting: Setting) -> Self {
        self.setting = setting;
        self
    }

    /// What happens before the request.
    fn given(mut self, given: fn(&mut Scene)) -> Self {
        self.given = Some(given);
        self
    }

    fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.header = Some((name, value));
        self
    }

    fn json(self, body: &Value) -> Self {
        self.body("application/json", &body.to_string())
    }

    fn body(mut self, kind: &'static str, body: &str) -> Self {
        self.body = Some((kind, body.to_owned()));
        self
    }

    fn expect_header(mut self, name: &'static str, value: &'static str) -> Self {
        self.expected_header = Some((name, value));
        self
    }

    /// Keys that the body has, among others. `<hex>` stands for an identifier, and `…` at the end
    /// for more text.
    fn expect(mut self, body: Value) -> Self {
        self.expected = body;
        self
    }

    /// The wrong fields, in their order.
    fn wrong(mut self, fields: &'static [&'static str]) -> Self {
        self.wrong = fields;
        self
    }

    fn fact(mut self, words: &'static str, fact: Fact) -> Self {
        self.facts.push((words, fact));
        self
    }

    /// Whether the case leaves the scene as it was.
    fn keeps_the_scene(&self) -> bool {
        self.given.is_none() && (self.request.starts_with("GET") || self.status >= 400)
    }

    fn run(&self, scene: &mut Scene) {
        let at = format!("{} on {} {}", self.id, scene.fixture.register.name, self.decision);
        if let Some(given) = self.given {
            given(scene);
        }
        let answer = self.send(&scene.fixture);
        assert_eq!(answer.status(), self.status, "{at}: {answer:?}");
        if let Some((name, value)) = self.expected_header {
            assert_eq!(answer.header(name), value, "{at}");
        }
        if answer.header("content-type") == "application/json" && !self.request.starts_with("HEAD")
        {
            let expected = scene.fixture.fill(&self.expected.to_string());
            let expected = serde_json::from_str(&expected).unwrap();
            assert!(matches(&expected, &answer.json()), "{at}: {expected} is not in {answer:?}");
            assert_eq!(wrong_fields(&answer), self.wrong, "{at}: {answer:?}");
        }
        for (words, fact) in &self.facts {
            assert!(fact(scene, &answer), "{at}: {words}: {answer:?}");
        }
    }

    fn send(&self, fixture: &Fixture) -> Answer {
        let mut call = fixture.call(self.key, self.request);
        if let Some((name, value)) = self.header {
            call = call.header(name, value);
        }
        if let Some((kind, body)) = &self.body {
            call = call.body(kind, fixture.fill(body));
        }
        call.send()
    }
}

/// Runs the cases in turn on both databases. Whatever a case may have changed is made anew.
fn run(cases: Vec<Case>) {
    let mut ready: Option<(Setting, Vec<Scene>)> = None;
    for case in cases {
        let mut scenes = match ready.take() {
            Some((setting, scenes)) if setting == case.setting => scenes,
            _ => scenes(case.setting),
        };
        for scene in &mut scenes {
            case.run(scene);
        }
        ready = case.keeps_the_scene().then_some((case.setting, scenes));
    }
}

fn scenes(setting: Setting) -> Vec<Scene> {
    let scene = |fixture: Fixture| Scene { fixture, cluster: StubCluster::start() };
    match setting {
        Setting::Usual => registers().map(|r| scene(Fixture::new(r, SOMEWHERE))).collect(),
        Setting::NoRegions => registers().map(|r| scene(Fixture::bare(r, SOMEWHERE))).collect(),
        Setting::ClusterCalls => {
            let calls = |register| {
                let cluster = StubCluster::start();
                Scene { fixture: Fixture::new(register, &cluster.url), cluster }
            };
            registers_with(call_loopback).map(calls).collect()
        }
    }
}

/// Whether everything in `expected` is in `actual`.
fn matches(expected: &Value, actual: &Value) -> bool {
    let is_hex = |text: &str| {
        text.len() == 32 && text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
    };
    match (expected, actual) {
        (Value::Object(expected), Value::Object(_)) => {
            expected.iter().all(|(key, value)| matches(value, &actual[key]))
        }
        (Value::Object(expected), _) => expected.is_empty(),
        (Value::String(expected), Value::String(actual)) => match expected.strip_suffix('…') {
            Some(beginning) => actual.starts_with(beginning),
            None if expected == "<hex>" => is_hex(actual),
            None => actual == expected,
        },
        _ => expected == actual,
    }
}
