//! One valid thing of each kind. A test that needs another changes what matters to it:
//! `Team { id: hex(2), name: text("ops"), ..sample::team() }`.

mod alarms;

use std::fmt::Debug;

use cadastre_domain::enterprise::Enterprise;
use cadastre_domain::id::{HexId, RegionId};
use cadastre_domain::maintenance::{Window, WindowState};
use cadastre_domain::node::{AccessKey, Node, NodeProfile};
use cadastre_domain::opening::{Opening, Quota};
use cadastre_domain::region::{Addresses, Credentials, Region, RegionDetail, Scope, Status};
use cadastre_domain::role::Role;
use cadastre_domain::secret::Secret;
use cadastre_domain::task::{DialTask, Frequency, Task, TaskClass};
use cadastre_domain::team::Team;
use cadastre_domain::token::{Caller, Token};
use cadastre_domain::user::UserId;
use cadastre_domain::variable::{DialVariable, VariableContent};
use cadastre_domain::watch::Watch;
use cadastre_storage::ChangedBy;
use chrono::{DateTime, TimeDelta, Utc};

pub use alarms::{alarm, alarm_event, webhook, webhook_delivery, webhook_secret};

/// What `text` says, as the type that is wanted.
///
/// # Panics
/// When the type does not accept the text.
#[must_use]
pub fn text<T: TryFrom<String, Error: Debug>>(text: &str) -> T {
    T::try_from(text.to_owned()).expect("a text that the type accepts")
}

/// The identifier with this number; a higher number stands for a later one.
#[must_use]
pub fn hex<K>(number: u64) -> HexId<K> {
    HexId::from_bytes(u128::from(number).to_be_bytes())
}

/// The time at which all samples were made: whole microseconds, and none of its digits is zero by
/// chance.
///
/// # Panics
/// Never.
#[must_use]
pub fn time() -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_795_336_215_123_456).expect("a time that chrono knows")
}

/// The enterprise to which all samples belong.
#[must_use]
pub fn enterprise() -> Enterprise {
    Enterprise {
        id: hex(1),
        name: text("Example Ltd"),
        parent_key_id: text("ak_c1imts73q2c335d71cn0"),
        created_at: time(),
        updated_at: time(),
        version: 1,
    }
}

/// A region with all credentials. Its TLS material is not coherent: the register would not take it,
/// but it can be kept.
#[must_use]
pub fn region() -> RegionDetail {
    RegionDetail {
        region: Region {
            id: hex(2),
            enterprise_id: enterprise().id,
            name: text("shanghai-1"),
            alias: text("Shanghai 1"),
            addresses: Addresses {
                api: text("https://api.shanghai-1.example.com:8443"),
                websocket: text("wss://ws.shanghai-1.example.com:6060"),
                http_domain: text("shanghai-1.example.com"),
                tcp: text("192.0.2.10"),
            },
            scope: Scope::Private,
            status: Status::Editing,
            description: text("the first one"),
            labels: text(r#"{"zone":"east"}"#),
            created_at: time(),
            updated_at: time(),
            version: 1,
        },
        credentials: Credentials {
            token: Some(Secret::from("token of the region".to_owned())),
            ca: Some(text("-----BEGIN CERTIFICATE-----\nCA\n-----END CERTIFICATE-----\n")),
            certificate: Some(text("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n")),
            key: Some(Secret::from("key of the region".to_owned())),
        },
    }
}

/// Whoever changes regions.
#[must_use]
pub fn changed_by() -> ChangedBy {
    ChangedBy { operation: "prepare_test".to_owned(), user_id: None, token_id: None }
}

/// A team, made by the first user of the register.
#[must_use]
pub fn team() -> Team {
    Team {
        id: hex(3),
        enterprise_id: enterprise().id,
        name: text("platform-team"),
        alias: text("Platform team"),
        namespace: "platform".to_owned(),
        is_active: true,
        limit_memory: 4096,
        creator: UserId(1),
        created_at: time(),
        updated_at: time(),
        expires_at: None,
        version: 1,
    }
}

/// The region open for the team.
#[must_use]
pub fn opening() -> Opening {
    Opening::new(team().id, region().region.id, Quota::default(), time())
}

/// A window of maintenance of the region, from an hour after the samples were made for two hours.
#[must_use]
pub fn window() -> Window {
    Window {
        id: hex(5),
        region_id: region().region.id,
        enterprise_id: enterprise().id,
        starts_at: time() + TimeDelta::hours(1),
        ends_at: time() + TimeDelta::hours(3),
        owner: text("night shift"),
        reason: text("new switches"),
        state: WindowState::Planned,
        note: String::new(),
        created_at: time(),
        updated_at: time(),
        version: 1,
    }
}

/// A node.
#[must_use]
pub fn node() -> Node {
    Node {
        id: text("reg_cg2britepb7e977fpm8g"),
        enterprise_id: enterprise().id,
        profile: NodeProfile {
            internal: true,
            isp: text("telecom"),
            country: text("China"),
            province: text("Zhejiang"),
            city: text("Hangzhou"),
            name: text("Hangzhou telecom"),
            company: text("Example Ltd"),
            keycode: text("cn-hangzhou-telecom"),
        },
        is_enabled: true,
        created_at: time(),
        updated_at: time(),
        deleted_at: None,
        version: 1,
    }
}

/// The key pair of the node.
#[must_use]
pub fn access_key() -> AccessKey {
    AccessKey {
        id: text("kwbnQdFKbMXVIJePKgLO"),
        secret: text("utiGZCqZkEe6ZzKyW30xczv96joMrmvGAfxuJ7Fr"),
    }
}

/// A task that the node dials by HTTP.
///
/// # Panics
/// Never: the task is one that nodes understand.
#[must_use]
pub fn task() -> Task {
    let dial = serde_json::json!({
        "name": "home page",
        "frequency": "1m",
        "method": "GET",
        "url": "https://example.com",
        "success_when": [{"status_code": [{"is": "200"}]}],
        "success_when_logic": "and",
    });
    Task {
        id: hex(70).into(),
        number: None,
        enterprise_id: enterprise().id,
        dial: DialTask::parse(TaskClass::Http, dial).expect("a task that nodes understand"),
        nodes: vec![node().id],
        tags: Vec::new(),
        region_id: None,
        created_by: Some(UserId(1)),
        updated_by: Some(UserId(1)),
        created_at: time(),
        updated_at: time(),
        deleted_at: None,
        version: 1,
        target_since: time(),
    }
}

/// A watch of this region from the node.
#[must_use]
pub fn watch(region_id: RegionId) -> Watch {
    Watch {
        id: hex(90),
        region_id,
        enterprise_id: enterprise().id,
        nodes: vec![node().id],
        frequency: Frequency::M1,
        down_from: 1,
        verifies_tls: true,
        created_at: time(),
        updated_at: time(),
        version: 1,
    }
}

/// A variable of dial tasks that everybody may see.
#[must_use]
pub fn variable() -> DialVariable {
    let value = Secret::from("42".to_owned());
    let content = VariableContent { name: text("answer"), value, is_secure: false, source: None };
    DialVariable::new(hex(85).into(), enterprise().id, content, time())
}

/// A token with the role of an admin, of the first user of the register.
#[must_use]
pub fn token() -> Token {
    Token {
        id: hex(4),
        name: text("deploy script"),
        note: text("made for tests"),
        caller: Caller {
            user_id: UserId(1),
            enterprise_id: enterprise().id,
            role: Role::Admin,
            teams: Vec::new(),
        },
        created_at: time(),
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
        overlap_ends_at: None,
        is_intact: true,
    }
}
