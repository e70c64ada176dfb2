//! Lists of dial tasks on the dialing face.

use cadastre_domain::id::RegionId;
use cadastre_domain::task::Task;
use cadastre_testkit::sample::text;
use serde_json::{Value, json};

use crate::dialing_fixture::{Desk, TASKS, desks, http};

fn page(desk: &Desk, query: &str) -> Value {
    let answer = desk.ask(&desk.viewer, &format!("GET {TASKS}/list?{query}"), &Value::Null);
    assert_eq!(answer.status(), 200, "{query}: {answer:?}");
    answer.json()
}

fn names(desk: &Desk, query: &str) -> Vec<String> {
    let page = page(desk, query);
    let rows = page["content"].as_array().unwrap().iter();
    let names: Vec<_> = rows.map(|row| row["task"]["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(page["pageInfo"]["count"], names.len(), "{query}");
    names
}

#[test]
fn a_page_shows_rows_with_people_and_where_it_stands() {
    for desk in desks() {
        let node = desk.node("k");
        let task = desk.task("t", &[&node]);
        let disable = json!({"taskUUIDs": [task], "isDisable": true});
        desk.ask(&desk.operator, &format!("POST {TASKS}/set_disable"), &disable);
        let answer = desk.ask(&desk.viewer, &format!("GET {TASKS}/list"), &Value::Null);
        let mut row = desk.row(&task);
        let person = |uuid: &Value, name: &str| json!({"email": "", "name": name, "username": name, "uuid": uuid});
        row["creatorInfo"] = person(&row["creator"], "admin");
        row["updatorInfo"] = person(&row["updator"], "operator");
        row["task"]["post_url"] = json!("http://127.0.0.1:8080/dial?token=tkn_***");
        let expected = json!({
            "code": 200, "content": [row], "errorCode": "", "message": "",
            "pageInfo": {"count": 1, "pageIndex": 1, "pageSize": 100, "totalCount": 1},
            "success": true, "traceId": answer.json()["traceId"],
        });
        assert_eq!(answer.json(), expected, "{}", desk.register.name);
        let keys: Vec<_> = answer.json().as_object().unwrap().keys().cloned().collect();
        let published =
            ["code", "content", "errorCode", "message", "pageInfo", "success", "traceId"];
        assert_eq!(keys, published, "{}", desk.register.name);
    }
}

#[test]
fn pages_follow_each_other_from_the_newest_on() {
    for desk in desks() {
        assert_eq!(page(&desk, "")["pageInfo"]["totalCount"], 0);
        for number in 0..5 {
            desk.task(&number.to_string(), &[]);
        }
        desk.ask(&desk.stranger, &format!("POST {TASKS}/add"), &http("foreign", &[]));
        for (query, expected) in [
            ("", &["4", "3", "2", "1", "0"][..]),
            ("pageIndex=1&pageSize=2", &["4", "3"]),
            ("pageIndex=2&pageSize=2", &["2", "1"]),
            ("pageIndex=3&pageSize=2", &["0"]),
            ("pageIndex=4&pageSize=2", &[]),
            ("pageIndex=1000000&pageSize=1000", &[]),
            ("pageSize=", &["4", "3", "2", "1", "0"]),
        ] {
            assert_eq!(names(&desk, query), expected, "{} {query}", desk.register.name);
            assert_eq!(page(&desk, query)["pageInfo"]["totalCount"], 5, "{query}");
        }
    }
}

#[test]
fn filters_narrow_a_list_down_one_with_another() {
    for desk in desks() {
        let add = |body: Value| desk.done(&format!("POST {TASKS}/add"), &body);
        let mut web = http("Web Shop", &[]);
        web["tags"] = json!(["a", "b"]);
        let tags = add(web)["tagInfo"].clone();
        let mut stopped = http("stopped 100%", &[]);
        stopped["task"]["status"] = json!("stop");
        stopped["task"]["frequency"] = json!("1h");
        add(stopped);
        let mut tcp = json!({"type": "tcp", "regions": [], "tags": ["b"], "task": {
            "name": "tcp", "frequency": "5m", "host": "h", "port": "1",
            "success_when": [{"response_time": [{"target": "1s"}]}],
        }});
        add(tcp.clone());
        tcp["task"]["name"] = json!("cron");
        tcp["task"]["schedule_type"] = json!("crontab");
        tcp["task"]["crontab"] = json!("0 * * * *");
        tcp["tags"] = json!([]);
        add(tcp);
        let [a, b] = [0, 1].map(|place| tags[place]["id"].as_str().unwrap());
        for (query, expected) in [
            ("type=tcp", &["cron", "tcp"][..]),
            ("type=HTTP", &["stopped 100%", "Web Shop"]),
            ("dialingTypes=http,tcp", &["cron", "tcp", "stopped 100%", "Web Shop"]),
            ("dialingTypes=icmp,", &[]),
            ("type=dns", &[]),
            ("type=Browser", &[]),
            ("dialingTypes=dns", &[]),
            ("dialingTypes=http,dns", &["stopped 100%", "Web Shop"]),
            ("type=dns&dialingTypes=http,dns", &[]),
            ("type=http&dialingTypes=dns", &[]),
            ("type=http&dialingTypes=tcp,http", &["stopped 100%", "Web Shop"]),
            ("type=http&dialingTypes=tcp", &[]),
            ("dialingStatus=stop", &["stopped 100%"]),
            ("dialingStatus=ok,stop&type=http", &["stopped 100%", "Web Shop"]),
            ("frequency=1h,5m", &["tcp", "stopped 100%"]),
            (&format!("tagsUUID={a}"), &["Web Shop"]),
            (&format!("tagsUUID={a},{b}"), &["tcp", "Web Shop"]),
            (&format!("tagsUUID=x,{a}"), &["Web Shop"]),
            ("tagsUUID=tag_x", &[]),
            ("tagsUUID=%00", &[]),
            ("tagsUUID=tag_0123456789abcdef0123456789abcdef", &[]),
            ("search=SHOP", &["Web Shop"]),
            ("search=%25", &["stopped 100%"]),
            ("search=_", &[]),
            ("search=s&dialingStatus=ok&frequency=1m", &["Web Shop"]),
        ] {
            assert_eq!(names(&desk, query), expected, "{} {query}", desk.register.name);
        }
        let narrowed = page(&desk, "type=http&pageSize=1");
        assert_eq!(narrowed["pageInfo"]["totalCount"], 2, "{}", desk.register.name);
    }
}

#[test]
fn wrong_parameters_are_all_told() {
    for desk in desks() {
        for (query, told) in [
            (
                "pageIndex=0&pageSize=1001",
                "pageIndex: must be a whole number from 1 to 1000000; \
                 pageSize: must be a whole number from 1 to 1000",
            ),
            ("pageIndex=x", "pageIndex: must be a whole number from 1 to 1000000"),
            (
                "pageIndex=99999999999999999999",
                "pageIndex: must be a whole number from 1 to 1000000",
            ),
            ("pageSize=-1", "pageSize: must be a whole number from 1 to 1000"),
            ("pageSize=1&pageSize=2", "pageSize: must not be given more than once"),
            ("type=smtp", "type: must be one of http, tcp, icmp, websocket, multi, grpc, ssl"),
            (
                "dialingTypes=http,x&dialingStatus=OK&frequency=2m",
                "dialingTypes: must be one of http, tcp, icmp, websocket, multi, grpc, ssl; \
                 dialingStatus: must be one of ok, stop; \
                 frequency: must be one of 1m, 5m, 15m, 30m, 1h, 6h, 12h, 24h",
            ),
            (&format!("search={}", "x".repeat(257)), "search: must have at most 256 characters"),
            (&format!("frequency={}", "1m,".repeat(101)), "frequency: must have at most 100 words"),
        ] {
            let request = format!("GET {TASKS}/list?{query}");
            desk.refused(&desk.viewer, &request, &Value::Null, (400, "ft.InvalidParameter", told));
        }
    }
}

#[test]
fn tasks_that_watch_a_region_are_shown_and_left_alone() {
    for desk in desks() {
        let task = desk.task("t", &[]);
        let (id, region) = (text(&task), RegionId::from_bytes([7; 16]));
        desk.write(move |tx| {
            let found = tx.find_task(id)?.unwrap();
            let watching = Task { region_id: Some(region), version: found.version + 1, ..found };
            Ok(tx.save_task(&watching)?)
        });
        let before = desk.row(&task);
        let told = "the dial task watches a region, and only the register changes it";
        let refused = (409, "ft.DialingTaskOfRegion", told);
        let ids = json!({"taskUUIDs": [task], "isDisable": true});
        for (request, body) in [
            (format!("POST {TASKS}/{task}/modify"), http("x", &[])),
            (format!("POST {TASKS}/set_disable"), ids.clone()),
            (format!("POST {TASKS}/delete"), ids),
        ] {
            desk.refused(&desk.admin, &request, &body, refused);
        }
        assert_eq!(desk.row(&task), before, "{}", desk.register.name);
        assert_eq!(names(&desk, ""), ["t"], "{}", desk.register.name);
    }
}
