//! Many at once: what must be unique stays unique, and nobody is turned away without need.

use std::sync::Barrier;
use std::thread;

use cadastre_domain::opening::Opening;
use cadastre_domain::role::Role;
use cadastre_storage::StorageError;
use cadastre_testkit::sample;
use serde_json::{Value, json};

use crate::faces::{Face, each_site};
use crate::support::{Answer, Register, registers};

/// What comes of so many requests that start at the same moment.
pub fn at_once<T: Send>(count: usize, request: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(count);
    let run = |number| {
        start.wait();
        request(number)
    };
    thread::scope(|scope| {
        let run = &run;
        let runs = (0..count).map(|n| scope.spawn(move || run(n))).collect::<Vec<_>>();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    })
}

/// Those that have this status, and the others.
fn split(answers: Vec<Answer>, status: u16) -> (Vec<Answer>, Vec<Answer>) {
    answers.into_iter().partition(|answer| answer.status() == status)
}

#[test]
fn of_many_that_create_the_same_one_succeeds_and_the_others_are_told_why() {
    each_site(|site| {
        for count in [2, 16] {
            let name = format!("same-{count}");
            let answers = at_once(count, |_| site.create(&name));
            let (created, refused) = split(answers, site.face.created());
            assert_eq!(created.len(), 1, "{} {count} {created:?}", site.name());
            assert_eq!(refused.len(), count - 1, "{}", site.name());
            for answer in refused {
                let body = answer.json();
                if site.face == Face::Rainbond {
                    let expected = json!({
                        "detail": "参数错误",
                        "err": {"region_name": ["具有 region name 的 region config 已存在。"]},
                        "code": 20400,
                        "error_type": "ValidationError",
                    });
                    assert_eq!((answer.status(), body), (400, expected), "{}", site.name());
                } else {
                    let code = &body["errorCode"];
                    assert_eq!(answer.status(), 409, "{} {answer:?}", site.name());
                    assert_eq!(code, "ft.DialingRegionKeycodeExists", "{}", site.name());
                }
            }
            let stored = site.stored();
            let same = stored.iter().filter(|stored| **stored == name).count();
            assert_eq!(same, 1, "{} {stored:?}", site.name());
        }
    });
}

#[test]
fn whoever_creates_something_else_is_never_turned_away() {
    each_site(|site| {
        let answers = at_once(64, |n| site.create(&format!("n{n:02}")));
        for answer in &answers {
            assert_eq!(answer.status(), site.face.created(), "{} {answer:?}", site.name());
        }
        let mut stored = site.stored();
        stored.sort_unstable();
        let expected = (0..64).map(|n| format!("n{n:02}")).collect::<Vec<_>>();
        assert_eq!(stored, expected, "{}", site.name());
        if site.face == Face::Rainbond {
            let list = site.register.request("GET", site.face.path()).key(&site.key).send();
            assert_eq!(list.json().as_array().unwrap().len(), 64, "{}", site.name());
        }
    });
}

#[test]
fn nobody_is_hurt_by_a_neighbour_who_is_refused() {
    each_site(|site| {
        assert_eq!(site.create("taken").status(), site.face.created(), "{}", site.name());
        let name = |n: usize| if n.is_multiple_of(2) { "taken".into() } else { format!("n{n}") };
        let answers = at_once(32, |n| site.create(&name(n)));
        for (n, answer) in answers.iter().enumerate() {
            let created = answer.status() == site.face.created();
            assert_eq!(created, !n.is_multiple_of(2), "{} {n} {answer:?}", site.name());
        }
        assert_eq!(site.stored().len(), 17, "{}", site.name());
    });
}

/// Whether the region is open for the team, once: a second opening cannot be added.
fn is_open(register: &Register, team: &Value, region: &Value) -> bool {
    let opening = Opening {
        team_id: team["tenant_id"].as_str().unwrap().parse().unwrap(),
        region_id: region["region_id"].as_str().unwrap().parse().unwrap(),
        ..sample::opening()
    };
    let added: Result<bool, StorageError> =
        register.app.store.write(move |tx| tx.insert_opening(&opening));
    !added.unwrap()
}

#[test]
fn a_region_that_many_open_at_once_is_open_once() {
    for register in registers() {
        let key = register.token(Role::Admin, register.enterprise, &[]);
        let post =
            |path: &str, body: &Value| register.request("POST", path).key(&key).json(body).send();
        let mut region = Face::Rainbond.body("r1");
        region["status"] = json!("1");
        let region = post("/openapi/v1/regions", &region).json();
        let team = post("/openapi/v1/teams", &json!({"tenant_name": "ops"})).json();
        let path = format!("/openapi/v1/teams/{}/regions", team["tenant_id"].as_str().unwrap());
        for answer in at_once(16, |_| post(&path, &json!({"region": "r1"}))) {
            assert_eq!(answer.status(), 201, "{} {answer:?}", register.name);
            assert_eq!(answer.json(), team, "{}", register.name);
        }
        assert!(is_open(&register, &team, &region), "{}", register.name);
    }
}
