//! A copy that is still good is confirmed, and another is replaced.

use super::{OTHER_LISTS, OTHER_THINGS, ask, get, numbered, resources, scenes};

#[test]
fn a_copy_that_is_still_good_is_confirmed() {
    for fixture in scenes() {
        let things = resources().into_iter().flat_map(|resource| [resource.list, resource.one]);
        for path in things.chain(OTHER_LISTS).chain(OTHER_THINGS) {
            let at = format!("{} {path}", fixture.register.name);
            let shown = get(&fixture, path);
            let etag = shown.header("etag");
            assert!(etag.starts_with('"') && etag.len() > 2, "{at} {shown:?}");
            assert_eq!(shown.header("cache-control"), "private, no-cache", "{at}");
            for copy in [etag, "*", &format!("\"x\", W/{etag}")] {
                let request = format!("GET {path}");
                let same = ask(&fixture, &request, &[("if-none-match", copy)], None);
                assert_eq!((same.status(), same.text.as_str()), (304, ""), "{at} {copy}");
                assert_eq!(same.header("etag"), etag, "{at} {copy}");
                assert_eq!(same.header("cache-control"), "private, no-cache", "{at} {copy}");
            }
            for copy in ["\"x\"", etag.trim_matches('"'), ""] {
                let request = format!("GET {path}");
                let other = ask(&fixture, &request, &[("if-none-match", copy)], None);
                assert_eq!((other.status(), &other.text), (200, &shown.text), "{at} {copy}");
            }
        }
    }
}

#[test]
fn a_copy_is_not_good_any_more_when_the_thing_has_changed() {
    for fixture in scenes() {
        for (n, resource) in resources().into_iter().enumerate() {
            if resource.patch.is_null() {
                continue;
            }
            let paths = [resource.list, resource.one];
            let before = paths.map(|path| get(&fixture, path).header("etag").to_owned());
            let (request, patch) =
                (format!("PATCH {}", resource.one), numbered(&resource.patch, n + 3));
            let changed = ask(&fixture, &request, &[("if-match", "*")], Some(&patch));
            assert_eq!(changed.status(), 200, "{request} {changed:?}");
            for (path, etag) in paths.into_iter().zip(before) {
                let request = format!("GET {path}");
                let shown = ask(&fixture, &request, &[("if-none-match", &etag)], None);
                let at = format!("{} {path}", fixture.register.name);
                assert_eq!(shown.status(), 200, "{at} {shown:?}");
                assert_ne!(shown.header("etag"), etag, "{at}");
            }
        }
    }
}
