use super::*;
use crate::enterprise::Enterprise;
use crate::opening::Quota;
use crate::sample;
use crate::team::TeamEdit;
use crate::user::{User, UserName};

fn at() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

fn actor() -> Actor {
    Actor {
        origin: Origin::Request { address: None, id: "r".to_owned() },
        operation: "change_thing",
        token_id: Some(TokenId::from_bytes([1; 16])),
        user_id: Some(UserId(7)),
        enterprise_id: Some(EnterpriseId::from_bytes([2; 16])),
    }
}

/// A thing with a told field and a secret one.
struct Thing(Option<&'static str>, Option<&'static str>);

impl Subject for Thing {
    const KIND: &'static str = "thing";

    fn object_id(&self) -> String {
        "t1".to_owned()
    }

    fn enterprise(&self) -> Option<EnterpriseId> {
        None
    }

    fn fields(&self) -> Vec<(&'static str, Option<Value>)> {
        vec![
            ("told", self.0.map(|text| Value::Text(text.to_owned()))),
            ("secret", self.1.map(|text| Value::Secret(text.to_owned().into()))),
        ]
    }
}

fn changed<T: Subject>(before: Option<&T>, after: Option<&T>) -> Vec<String> {
    let show = |value: &Option<Value>| match value {
        None => "-".to_owned(),
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Secret(_)) => "***".to_owned(),
    };
    let entry = Entry::done(&actor(), at(), before, after);
    let changes = entry.changes.iter();
    changes.map(|c| format!("{} {} {}", c.field, show(&c.before), show(&c.after))).collect()
}

#[test]
fn only_fields_that_changed_are_told() {
    let (a, b) = (Thing(Some("a"), Some("x")), Thing(Some("b"), Some("y")));
    assert_eq!(changed(None, Some(&a)), ["told - a", "secret - ***"]);
    assert_eq!(changed(Some(&a), None), ["told a -", "secret *** -"]);
    assert_eq!(changed(Some(&a), Some(&b)), ["told a b", "secret *** ***"]);
    assert_eq!(changed(Some(&a), Some(&Thing(Some("b"), Some("x")))), ["told a b"]);
    assert_eq!(changed(Some(&a), Some(&Thing(Some("a"), Some("y")))), ["secret *** ***"]);
    assert_eq!(changed(Some(&a), Some(&Thing(None, None))), ["told a -", "secret *** -"]);
    assert!(changed(Some(&a), Some(&a)).is_empty());
    assert!(changed(None, Some(&Thing(None, None))).is_empty());
    assert!(changed::<Thing>(None, None).is_empty());
}

#[test]
fn an_entry_is_of_the_enterprise_of_its_thing_or_else_of_its_actor() {
    let name = UserName::try_from("ops".to_owned()).expect("a name");
    let user = User::new(UserId(3), EnterpriseId::from_bytes([9; 16]), name, at());
    let entry = Entry::done(&actor(), at(), None, Some(&user));
    assert_eq!(entry.enterprise_id, Some(user.enterprise_id));
    assert_eq!(entry.object, Some(Object { kind: "user".into(), id: "3".to_owned() }));
    let entry = Entry::done(&actor(), at(), None, Some(&Thing(None, None)));
    assert_eq!(entry.enterprise_id, actor().enterprise_id);
    let entry = Entry::done::<Enterprise>(&actor(), at(), None, None);
    assert_eq!((entry.object, entry.enterprise_id), (None, actor().enterprise_id));
}

#[test]
fn a_secret_in_an_entry_is_not_printed() {
    let entry = Entry::done(&actor(), at(), None, Some(&Thing(None, Some("hunter2"))));
    assert!(!format!("{entry:?}").contains("hunter2"));
}

#[test]
fn a_reveal_changes_nothing_and_names_its_fields() {
    let thing = Thing(Some("a"), Some("x"));
    let entry = Entry::revealed(&actor(), at(), &thing, vec!["secret"]);
    assert!(entry.changes.is_empty());
    assert_eq!(entry.revealed, ["secret"]);
}

#[test]
fn a_secret_that_is_given_is_told_and_shown() {
    let (before, after) = (Thing(Some("a"), None), Thing(Some("b"), None));
    let entry = Entry::done(&actor(), at(), Some(&before), Some(&after));
    let entry = entry.giving("code", "hunter2".to_owned().into());
    let told: Vec<_> = entry.changes.iter().map(|change| change.field).collect();
    assert_eq!(told, ["told", "code"]);
    assert_eq!(entry.revealed, ["code"]);
    assert!(entry.changes[1].before.is_none());
    assert!(
        matches!(&entry.changes[1].after, Some(Value::Secret(text)) if text.reveal() == "hunter2")
    );
}

#[test]
fn a_quota_that_is_set_is_told() {
    let before = (sample::opening(), sample::OWN);
    let quota = Quota::new(4096, 500).expect("a quota");
    let after = (sample::opening().with_quota(quota, at()), sample::OWN);
    assert_eq!(
        changed(Some(&before), Some(&after)),
        ["quota_memory_mb 0 4096", "quota_cpu_millicores 0 500"]
    );
    let told: Vec<_> = after.fields().into_iter().map(|(field, _)| field).collect();
    assert_eq!(told, ["team_id", "region_id", "quota_memory_mb", "quota_cpu_millicores"]);
}

#[test]
fn every_edit_of_a_team_is_told() {
    let edit = TeamEdit {
        alias: Some(sample::text("other")),
        is_active: Some(false),
        limit_memory: Some(512),
        creator: Some(UserId(7)),
    };
    let after = sample::team().edit(edit, at());
    assert_eq!(
        changed(Some(&sample::team()), Some(&after)),
        ["alias team other", "is_active true false", "limit_memory 0 512", "creator 1 7"]
    );
}
