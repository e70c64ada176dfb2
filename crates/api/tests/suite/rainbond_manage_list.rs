//! `GET /openapi/v2/manage/regions` (contract 6.2): the regions of all enterprises, in pages.

use serde_json::{Value, json};

use crate::material::MATERIAL;
use crate::rainbond_clusters::calling;
use crate::rainbond_fixture::{Fixture, bare_fixtures, fixtures, with};
use crate::support::Answer;

const ALL: [&str; 6] = ["r0", "r1", "r2", "r3", "pub", "foreign"];

fn list(fixture: &Fixture, query: &str) -> Answer {
    let answer = fixture.get("{MK}", &format!("GET /openapi/v2/manage/regions{query}"));
    assert_eq!(answer.status(), 200, "{query} on {}: {answer:?}", fixture.register.name);
    answer
}

/// How many there are on all pages, and the names of those on this one.
fn found(fixture: &Fixture, query: &str) -> (u64, Vec<String>) {
    let body = list(fixture, query).json();
    let name = |row: &Value| row["region_name"].as_str().unwrap().to_owned();
    let names = body["data"].as_array().unwrap().iter().map(name).collect();
    (body["total"].as_u64().unwrap(), names)
}

fn check(fixture: &Fixture, query: &str, total: u64, names: &[&str]) {
    let expected = (total, names.iter().map(ToString::to_string).collect());
    assert_eq!(found(fixture, query), expected, "{query} on {}", fixture.register.name);
}

#[test]
fn an_empty_register_has_an_empty_first_page() {
    for fixture in bare_fixtures() {
        assert_eq!(list(&fixture, "").text, r#"{"total":0,"data":[]}"#);
    }
}

#[test]
fn a_listed_region_has_all_keys_in_the_published_order_and_no_secrets() {
    let given = json!({"token": "tk", "status": 2, "enterprise_id": "{E2}"});
    for mut fixture in bare_fixtures() {
        fixture.add_region("{KO}", "safe", &with(given.clone(), &MATERIAL));
        let expected = json!({"total": 1, "data": [{
            "region_id": "{safe}", "enterprise_id": "{E2}", "enterprise_alias": "other",
            "region_name": "safe", "region_alias": "a", "region_type": [], "url": "{url}",
            "wsurl": "ws://127.0.0.1:6060", "httpdomain": "h.example.com", "tcpdomain": "1.2.3.4",
            "status": "2", "desc": "d", "ssl_ca_cert": null, "cert_file": null, "key_file": null,
            "total_memory": 0, "used_memory": 0, "total_cpu": 0, "used_cpu": 0.0, "total_disk": 0,
            "used_disk": 0, "rbd_version": "",
        }]});
        assert_eq!(list(&fixture, "").text, fixture.fill(&expected.to_string()));
        assert_eq!(fixture.entries("list_managed_regions").len(), 0);
    }
}

#[test]
fn regions_of_all_enterprises_are_listed_the_oldest_first() {
    for mut fixture in fixtures() {
        check(&fixture, "", 6, &ALL);
        fixture.add_region("{KA}", "a", &json!({}));
        fixture.add_region("{KO}", "b", &json!({"enterprise_id": "{E2}"}));
        let all: Vec<_> = ALL.into_iter().chain(["a", "b"]).collect();
        check(&fixture, "", 8, &all);
    }
}

#[test]
fn pages_are_cut_as_asked_and_what_makes_no_sense_is_as_if_it_were_left_out() {
    for fixture in fixtures() {
        for (query, names) in [
            ("?current=1&pageSize=2", &ALL[..2]),
            ("?current=2&pageSize=2", &ALL[2..4]),
            ("?current=2&pageSize=4", &ALL[4..]),
            ("?pageSize=5", &ALL[..5]),
            ("?current=4&pageSize=2", &[]),
            ("?current=2", &[]),
            ("?current=18446744073709551615&pageSize=18446744073709551615", &[]),
            ("?pageSize=0", &ALL),
            ("?current=3&pageSize=0", &ALL),
            ("?current=0&pageSize=2", &ALL[..2]),
            ("?current=-1&pageSize=2", &ALL[..2]),
            ("?current=x&pageSize=2", &ALL[..2]),
            ("?current=1&pageSize=x", &ALL),
            ("?current=1&pageSize=-2", &ALL),
            ("?current=&pageSize=", &ALL),
            ("?current=99999999999999999999999", &ALL),
            ("?page=2&page_size=2&current", &ALL),
            ("?current=1&current=2&pageSize=3", &ALL[3..]),
        ] {
            check(&fixture, query, 6, names);
        }
    }
}

#[test]
fn a_region_is_found_by_a_part_of_its_name_or_alias_in_upper_or_lower_case() {
    for mut fixture in fixtures() {
        for (name, alias) in [("x.1", "Shanghai 100%"), ("区域", "ÜBER_all"), ("x-2", "上海 \\ a")]
        {
            fixture.add_region("{KA}", name, &json!({"region_alias": alias}));
        }
        for (query, names) in [
            ("r1", &["r1"][..]),
            ("R", &["r0", "r1", "r2", "r3", "foreign", "区域"]),
            ("OREIG", &["foreign"]),
            ("shanGHAI", &["x.1"]),
            ("100%25", &["x.1"]),
            ("%25", &["x.1"]),
            ("_", &["区域"]),
            ("%5C", &["x-2"]),
            ("%C3%BCber", &["区域"]),
            ("%E4%B8%8A%E6%B5%B7", &["x-2"]),
            ("%E5%8C%BA", &["区域"]),
            ("i+1", &["x.1"]),
            ("x.1", &["x.1"]),
            ("nothing", &[]),
            ("%FF", &[]),
        ] {
            let total = u64::try_from(names.len()).unwrap();
            check(&fixture, &format!("?query={query}"), total, names);
        }
        let page = "?query=r&current=2&pageSize=4";
        check(&fixture, page, 6, &["foreign", "区域"]);
        assert_eq!(found(&fixture, "?query=").0, 9, "{}", fixture.register.name);
    }
}

#[test]
fn what_was_changed_is_listed_at_once() {
    for mut fixture in fixtures() {
        for alias in ["one", "two"] {
            let body = with(crate::rainbond_fixture::change(), &json!({"region_alias": alias}));
            let put = fixture.send("{MK}", "PUT /openapi/v2/manage/regions/{r1}", &body);
            assert_eq!(put.status(), 200, "{put:?}");
            check(&fixture, &format!("?query={alias}"), 1, &["r1"]);
        }
        fixture.get("{MK}", "DELETE /openapi/v2/manage/regions/{r2}");
        check(&fixture, "", 5, &["r0", "r1", "r3", "pub", "foreign"]);
        fixture.add_region("{KA}", "r2", &json!({}));
        check(&fixture, "", 6, &["r0", "r1", "r3", "pub", "foreign", "r2"]);
    }
}

#[test]
fn nobody_is_asked_whether_he_answers() {
    for (fixture, cluster) in calling() {
        let body = list(&fixture, "").json();
        assert_eq!(body["data"][0]["total_cpu"], 0, "{}", fixture.register.name);
        assert_eq!(cluster.seen(), []);
    }
}
