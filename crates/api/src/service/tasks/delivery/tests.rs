//! What rows show and agents are told, as whole values.

#![expect(clippy::unwrap_used, reason = "a broken sample should stop the test")]

use cadastre_domain::id::EnterpriseId;
use cadastre_domain::node::NodeProfile;
use cadastre_domain::task::{DialTask, TaskClass};
use chrono::DateTime;

use super::*;

fn sender() -> Sender {
    let id = EnterpriseId::from_bytes([1; 16]);
    let parent = "ak_c1imts73q2c335d71cn0".parse().unwrap();
    let name = "default".to_owned().try_into().unwrap();
    Sender {
        enterprise: Enterprise::new(id, name, parent, DateTime::UNIX_EPOCH),
        public_url: "https://cadastre.example.com/base".to_owned(),
    }
}

fn word<T: TryFrom<String, Error: std::fmt::Debug>>(text: &str) -> T {
    text.to_owned().try_into().unwrap()
}

fn node() -> Node {
    let profile = NodeProfile {
        internal: false,
        isp: word("telecom"),
        country: word("Afghanistan"),
        province: word(""),
        city: word("Shahrak"),
        name: word("test"),
        company: word("a company"),
        keycode: word("Afghanistan-Shahrak-telecom"),
    };
    let id = "reg_cg2britepb7e977fpm8g".parse().unwrap();
    Node::new(id, sender().enterprise.id, profile, DateTime::UNIX_EPOCH)
}

fn key() -> SecretKey {
    word(&"s".repeat(40))
}

fn task(class: TaskClass, content: Value) -> Task {
    Task {
        id: "dial_0123456789abcdef0123456789abcdef".parse().unwrap(),
        number: Some(7),
        enterprise_id: sender().enterprise.id,
        dial: DialTask::parse(class, content).unwrap(),
        nodes: vec![node().id],
        tags: Vec::new(),
        region_id: None,
        created_by: None,
        updated_by: None,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
        deleted_at: None,
        version: 1,
        target_since: DateTime::UNIX_EPOCH,
    }
}

fn login() -> Value {
    json!({
        "name": "test", "frequency": "1m", "method": "GET", "url": "https://u:secret@example.com",
        "success_when": [{"status_code": [{"is": "200"}]}],
        "advance_options": {"certificate": {"certificate": "b", "private_key": "secret"}},
    })
}

fn told(delivery: &Delivery) -> Value {
    serde_json::from_str(&sender().agent_task(&node(), &key(), delivery)).unwrap()
}

#[test]
fn a_row_has_what_its_owner_wrote_and_what_the_register_writes() {
    let task = task(TaskClass::Http, login());
    let mut expected = login();
    expected["status"] = json!("ok");
    expected["external_id"] = json!("dial_0123456789abcdef0123456789abcdef");
    expected["owner_external_id"] = json!("wksp_01010101010101010101010101010101");
    expected["post_url"] = json!("https://cadastre.example.com/base/dial?token=tkn_***");
    assert_eq!(Value::Object(sender().row_content(&task, true)), expected);
    expected["url"] = json!("https://u:***@example.com");
    expected["advance_options"]["certificate"]["private_key"] = json!("***");
    assert_eq!(Value::Object(sender().row_content(&task, false)), expected);
}

#[test]
fn an_agent_is_told_whose_task_it_is_and_where_results_go() {
    let task = task(TaskClass::Http, login());
    let id = task.id;
    let (update_time, dial) = (1_795_306_140_710_624, task.dial);
    let delivery = Delivery { task: id, dial, update_time, is_tombstone: false };
    let token = ResultToken::sign(&key(), sender().enterprise.id, &node().id, id).text();
    let post_url = format!(
        "https://cadastre.example.com/base/dial/reg_cg2britepb7e977fpm8g/\
         dial_0123456789abcdef0123456789abcdef?token={}",
        token.reveal()
    );
    let mut expected = login();
    let added = json!({
        "status": "ok", "external_id": id.to_string(), "access_key": "ak_c1imts73q2c335d71cn0",
        "owner_external_id":
            "ak_c1imts73q2c335d71cn0-wksp_01010101010101010101010101010101",
        "post_url": post_url, "region": "Afghanistan-Shahrak-telecom",
        "update_time": 1_795_306_140_710_624_i64,
    });
    for (key, value) in added.as_object().unwrap() {
        expected[key] = value.clone();
    }
    assert_eq!(told(&delivery), expected);
    // A tombstone is the same, but to stop, and without secrets.
    expected["status"] = json!("stop");
    expected["url"] = json!("https://u:***@example.com");
    expected["advance_options"] = json!({});
    assert_eq!(told(&Delivery { is_tombstone: true, ..delivery }), expected);
}

#[test]
fn the_tasks_of_steps_are_objects_in_rows_and_strings_for_agents() {
    let step = json!({
        "url": "https://example.com", "method": "GET",
        "success_when": [{"status_code": [{"is": "200"}]}],
    });
    let steps = json!([{"type": "http", "task": step}, {"type": "wait", "value": 1}]);
    let task = task(TaskClass::Multi, json!({"name": "m", "frequency": "1m", "steps": steps}));
    assert_eq!(sender().row_content(&task, false)["steps"], steps);
    for is_tombstone in [false, true] {
        let (id, dial) = (task.id, task.dial.clone());
        let delivery = Delivery { task: id, dial, update_time: 1, is_tombstone };
        let inner = told(&delivery)["steps"][0]["task"].as_str().unwrap().to_owned();
        assert_eq!(serde_json::from_str::<Value>(&inner).unwrap(), step);
    }
}

#[test]
fn a_node_is_told_of_itself_without_secrets_and_nulls() {
    let region = agent_region(&node());
    let flat = |value: &Value| value.is_string() || value.is_boolean();
    assert!(region.as_object().unwrap().values().all(flat), "{region}");
    assert_eq!(region["uuid"], "reg_cg2britepb7e977fpm8g");
    assert_eq!(region["isp"], "telecom");
    assert_eq!(region["region"], region["keycode"]);
    assert_eq!(region.get("company"), None);
}
