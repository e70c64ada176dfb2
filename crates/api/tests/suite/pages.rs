//! Lists of the native face, which come in pages.

use serde_json::Value;

use crate::problems::{Wrong, check_wrong};
use crate::rainbond_fixture::{Fixture, keys};

/// All pages of a list, one after the other. `between` happens after each but the last.
pub fn walk(
    fixture: &Fixture,
    key: &str,
    path: &str,
    query: &str,
    mut between: impl FnMut(),
) -> Vec<Vec<Value>> {
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = fixture.get(key, &format!("GET {path}?{query}{cursor}"));
        let page = answer.json();
        assert_eq!(answer.status(), 200, "{path}?{query}{cursor} {answer:?}");
        assert_eq!(keys(&page), ["items", "next"], "{path}?{query}{cursor}");
        pages.push(page["items"].as_array().unwrap().clone());
        assert!(pages.len() < 1000, "{path}?{query} has no end");
        if page["next"].is_null() {
            return pages;
        }
        cursor = format!("&cursor={}", page["next"].as_str().unwrap());
        between();
    }
}

/// Checks that pages which cannot be are refused, and parameters that there are not.
pub fn check_refusals(fixture: &Fixture, key: &str, path: &str) {
    const LIMIT: Wrong = ("/limit", "invalid", "must be a number from 1 to 1000");
    const CURSOR: Wrong = ("/cursor", "invalid", "must be the `next` of another page");
    const REPEATED: Wrong = ("/limit", "repeated", "must not be given more than once");
    let unknown = |pointer| (pointer, "unknown", "there is no such field");
    for limit in ["0", "1001", "-1", "", "x", "1.5", "1e2", "9223372036854775808", "%20"] {
        let query = format!("limit={limit}");
        let answer = fixture.get(key, &format!("GET {path}?{query}"));
        check_wrong(&answer, &[LIMIT], &query);
    }
    for (query, wrong) in [
        ("cursor=", vec![CURSOR]),
        ("cursor=nonsense", vec![CURSOR]),
        ("cursor=%F0%9F%A6%80&limit=0", vec![LIMIT, CURSOR]),
        ("limit=1&limit=2", vec![REPEATED]),
        ("limit=x&page=1&limit=x", vec![REPEATED, unknown("/page")]),
        ("page=1&Limit=5", vec![unknown("/page"), unknown("/Limit")]),
        ("a/b~c", vec![unknown("/a~1b~0c")]),
        ("limit=x&x", vec![LIMIT, unknown("/x")]),
    ] {
        let answer = fixture.get(key, &format!("GET {path}?{query}"));
        check_wrong(&answer, &wrong, query);
    }
    for query in ["", "limit=1", "limit=1000", "&", "limit=1&"] {
        let answer = fixture.get(key, &format!("GET {path}?{query}"));
        assert_eq!(answer.status(), 200, "{query} {answer:?}");
    }
}
