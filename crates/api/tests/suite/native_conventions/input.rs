//! What nobody asked for is refused, by its name.

use serde_json::json;

use super::{
    OTHER_LISTS, OTHER_THINGS, SECRET_THINGS, ask, check_wrong, deeds, get, numbered, resources,
    scenes, with_parameter,
};

#[test]
fn an_unknown_parameter_is_refused() {
    for fixture in scenes() {
        let paths = resources().into_iter().flat_map(|resource| [resource.list, resource.one]);
        for path in paths.chain(OTHER_LISTS).chain(OTHER_THINGS).chain(SECRET_THINGS) {
            let request = format!("GET {}", with_parameter(path, "nothing=1"));
            let refused = fixture.get("{MK}", &request);
            check_wrong(&refused, "/nothing", "unknown", &request);
        }
        for resource in resources() {
            let before = (get(&fixture, resource.list).text, get(&fixture, resource.one).text);
            let mut requests = vec![(format!("POST {}", resource.list), Some(resource.new))];
            if !resource.patch.is_null() {
                requests.push((format!("PATCH {}", resource.one), Some(resource.patch)));
            }
            if resource.deleted {
                requests.push((format!("DELETE {}", resource.one), None));
            }
            for (request, body) in requests {
                let body = body.map(|body| numbered(&body, 1));
                let request = format!("{request}?nothing=1");
                let refused = ask(&fixture, &request, &[("if-match", "*")], body.as_ref());
                check_wrong(&refused, "/nothing", "unknown", &request);
            }
            let after = (get(&fixture, resource.list).text, get(&fixture, resource.one).text);
            assert_eq!(after, before, "{}", resource.one);
        }
    }
}

#[test]
fn an_unknown_field_is_refused() {
    for fixture in scenes() {
        for resource in resources() {
            let mut new = numbered(&resource.new, 1);
            new["not/hing"] = json!(1);
            let before = get(&fixture, resource.list).text;
            let request = format!("POST {}", resource.list);
            let refused = ask(&fixture, &request, &[], Some(&new));
            check_wrong(&refused, "/not~1hing", "unknown", &request);
            assert_eq!(get(&fixture, resource.list).text, before, "{request}");
            if resource.patch.is_null() {
                continue;
            }
            let mut patch = numbered(&resource.patch, 1);
            patch["nothing"] = json!(null);
            let before = get(&fixture, resource.one).text;
            let request = format!("PATCH {}", resource.one);
            let refused = ask(&fixture, &request, &[("if-match", "*")], Some(&patch));
            check_wrong(&refused, "/nothing", "unknown", &request);
            assert_eq!(get(&fixture, resource.one).text, before, "{request}");
        }
    }
}

#[test]
fn an_unknown_parameter_or_field_of_a_deed_is_refused() {
    for fixture in scenes() {
        for (path, method, behind, body) in deeds() {
            let before = get(&fixture, path).text;
            let (request, any) = (format!("{method} {path}{behind}"), [("if-match", "*")]);
            let with_more = format!("{request}?nothing=1");
            let refused = ask(&fixture, &with_more, &any, Some(&numbered(&body, 1)));
            check_wrong(&refused, "/nothing", "unknown", &with_more);
            let mut body = numbered(&body, 1);
            body["nothing"] = json!(1);
            let refused = ask(&fixture, &request, &any, Some(&body));
            check_wrong(&refused, "/nothing", "unknown", &request);
            assert_eq!(get(&fixture, path).text, before, "{request}");
        }
    }
}
