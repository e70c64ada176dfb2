//! The list of regions on the rainbond face, and copies of it that callers have.

use serde_json::json;

use crate::rainbond_fixture::{Fixture, REGIONS, fixtures};
use crate::support::Answer;

fn ask(fixture: &Fixture, key: &str, tag: &str) -> Answer {
    fixture.call(key, &format!("GET {REGIONS}")).header("if-none-match", tag).send()
}

#[test]
fn a_list_that_has_not_changed_is_not_sent_again() {
    for mut fixture in fixtures() {
        let first = fixture.get("{KA}", &format!("GET {REGIONS}"));
        let tag = first.header("etag").to_owned();
        assert!(tag.len() == 34 && tag.starts_with('"') && tag.ends_with('"'), "{tag}");
        for good in [&*tag, &format!("W/{tag}"), &format!("\"x\", {tag}"), "*"] {
            let again = ask(&fixture, "{KA}", good);
            assert_eq!((again.status(), again.text.as_str()), (304, ""), "{good}: {again:?}");
            assert_eq!(again.header("etag"), tag);
            assert_eq!(again.header("allow"), first.header("allow"));
        }
        assert_eq!(ask(&fixture, "{KO}", &tag).status(), 200, "the list of another enterprise");
        fixture.add_region("{KA}", "r9", &json!({}));
        let changed = ask(&fixture, "{KA}", &tag);
        assert_eq!(changed.status(), 200);
        assert_eq!(changed.json().as_array().unwrap().len(), 6);
        assert_ne!(changed.header("etag"), tag);
    }
}

#[test]
fn the_same_list_has_the_same_tag_whatever_else_happened() {
    for mut fixture in fixtures() {
        let tag = |fixture: &Fixture| {
            fixture.get("{KA}", &format!("GET {REGIONS}")).header("etag").to_owned()
        };
        let before = tag(&fixture);
        fixture.add_region("{KO}", "elsewhere", &json!({"enterprise_id": "{E2}"}));
        fixture.add_region("{KA}", "short-lived", &json!({"status": 0}));
        assert_ne!(tag(&fixture), before);
        let gone = fixture
            .call("{KA}", "DELETE /cadastre/v1/regions/{short-lived}")
            .header("if-match", "*")
            .send();
        assert_eq!(gone.status(), 204, "{gone:?}");
        assert_eq!(tag(&fixture), before);
    }
}

#[test]
fn a_compressed_list_has_a_tag_of_its_own() {
    for fixture in fixtures() {
        let url = format!("http://{}{REGIONS}", fixture.register.address());
        let compressed = |tag: &str| {
            let request = ureq::get(&url).header("authorization", fixture.fill("{KA}"));
            let request = request.header("accept-encoding", "gzip").header("if-none-match", tag);
            let mut answer = request.call().unwrap();
            let length = answer.body_mut().read_to_vec().unwrap().len();
            let header = |name| answer.headers().get(name).map(|value| value.to_str().unwrap());
            let header = |name| header(name).unwrap_or_default().to_owned();
            (answer.status().as_u16(), length, header("etag"), header("content-encoding"))
        };
        let plain = fixture.get("{KA}", &format!("GET {REGIONS}")).header("etag").to_owned();
        let (status, length, tag, coding) = compressed("\"none\"");
        assert_eq!((status, coding.as_str()), (200, "gzip"));
        assert!(length > 0);
        assert_eq!(tag, format!("{}-gzip\"", plain.trim_end_matches('"')));
        assert_eq!(compressed(&plain).0, 200);
        assert_eq!(compressed(&tag), (304, 0, tag.clone(), String::new()));
    }
}

#[test]
fn an_enterprise_without_regions_has_an_empty_list() {
    for fixture in crate::rainbond_fixture::bare_fixtures() {
        let list = fixture.get("{KA}", &format!("GET {REGIONS}"));
        assert_eq!((list.status(), list.text.as_str()), (200, "[]"));
        let tag = list.header("etag");
        assert_eq!(ask(&fixture, "{KA}", tag).status(), 304);
    }
}
