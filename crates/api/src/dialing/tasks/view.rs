//! Tasks as this face shows them (dialing contract, section 2.3).

use cadastre_domain::task::Tag;
use cadastre_domain::user::account;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::body::class;
use crate::service::tasks::{Person, Shown};

/// A task.
#[derive(Serialize, ToSchema)]
#[schema(as = Task)]
#[serde(rename_all = "camelCase")]
pub(in super::super) struct TaskView {
    /// When it was added, in seconds since 1970.
    create_at: i64,
    /// Who added it.
    creator: String,
    /// More about him; in lists only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    creator_info: Option<PersonView>,
    /// -1: it is not deleted.
    delete_at: i64,
    /// Its number; null in the answer that tells that it was added.
    #[schema(required)]
    id: Option<i64>,
    /// The nodes that dial it.
    regions: Vec<String>,
    /// 0: it is not deleted.
    status: i64,
    /// Its tags.
    tag_info: Vec<TagView>,
    /// What is dialled, and what the register writes into it.
    #[schema(value_type = HashMap<String, Value>)]
    task: Map<String, Value>,
    /// What it dials.
    #[schema(schema_with = class)]
    r#type: &'static str,
    /// When it was changed last, in seconds since 1970.
    update_at: i64,
    /// Who changed it last.
    updator: String,
    /// More about him; in lists only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    updator_info: Option<PersonView>,
    /// Its identifier.
    uuid: String,
    /// The workspace.
    #[serde(rename = "workspaceUUID")]
    workspace_uuid: String,
}

/// A tag.
#[derive(Serialize, ToSchema)]
#[schema(as = Tag)]
struct TagView {
    id: String,
    name: String,
}

/// Somebody who added or changed a task.
#[derive(Serialize, ToSchema)]
#[schema(as = Person)]
struct PersonView {
    /// Empty: the register knows none.
    email: &'static str,
    /// His name; empty for the register itself.
    name: String,
    username: String,
    uuid: String,
}

impl From<Tag> for TagView {
    fn from(tag: Tag) -> Self {
        Self { id: tag.id.into(), name: tag.name.into() }
    }
}

impl TaskView {
    /// A task on its own.
    pub(super) fn new(shown: Shown) -> Self {
        let Shown { task, content, workspace } = shown;
        Self {
            create_at: task.created_at.timestamp(),
            creator: account(task.enterprise_id, task.created_by),
            creator_info: None,
            delete_at: -1,
            id: task.number,
            regions: task.nodes.into_iter().map(String::from).collect(),
            status: 0,
            tag_info: task.tags.into_iter().map(TagView::from).collect(),
            task: content,
            r#type: task.dial.class().as_str(),
            update_at: task.updated_at.timestamp(),
            updator: account(task.enterprise_id, task.updated_by),
            updator_info: None,
            uuid: task.id.into(),
            workspace_uuid: workspace,
        }
    }

    /// A row of a list.
    pub(super) fn listed((shown, creator, updator): (Shown, Person, Person)) -> Self {
        let row = Self::new(shown);
        let info = |person: Person, uuid: &str| {
            let name = person.name.map(String::from).unwrap_or_default();
            let (username, uuid) = (name.clone(), uuid.to_owned());
            Some(PersonView { email: "", name, username, uuid })
        };
        let (creator, updator) = (info(creator, &row.creator), info(updator, &row.updator));
        Self { creator_info: creator, updator_info: updator, ..row }
    }
}
