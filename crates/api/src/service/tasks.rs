//! Dial tasks: adding, showing, listing; changes of one and of many.

mod bulk;
mod change;
pub mod delivery;
mod reading;
mod submission;

use cadastre_domain::audit::Entry;
use cadastre_domain::id::{EnterpriseId, TaskId};
use cadastre_domain::role::Right;
use cadastre_domain::task::Task;
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

pub use bulk::{delete, set_status};
pub use change::{add, modify};
pub use reading::{Page, Person, TaskList, list, show};
pub use submission::{MOST_NODES, MOST_TAGS, Submission};

use crate::app::{App, Changed};
use crate::auth::Session;
use crate::error::{Error, Thing};
use delivery::Sender;

/// A task as a caller may see it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The task.
    pub task: Task,
    /// What is dialled, with what the register writes into it.
    pub content: Map<String, Value>,
    /// Its enterprise, as the dialing interface names it.
    pub workspace: String,
}

/// A task of this enterprise that is not deleted.
fn find(tx: &mut dyn Tx, enterprise: EnterpriseId, id: TaskId) -> Result<Task, Error> {
    let found = tx.find_task(id)?.filter(|task| task.enterprise_id == enterprise);
    found.ok_or(Error::NotFound(Thing::DialTask))
}

/// What the tasks of an enterprise have in common.
///
/// # Errors
/// Failures of the storage.
pub fn sender(app: &App, tx: &mut dyn Tx, enterprise: EnterpriseId) -> Result<Sender, Error> {
    let enterprise = super::nodes::enterprise(tx, enterprise)?;
    Ok(Sender { enterprise, public_url: app.public_url.to_string() })
}

impl Shown {
    /// A task as this caller may see it on its own, and what of it he sees that not everybody may.
    fn to(session: &Session, task: Task, sender: &Sender) -> (Self, Vec<&'static str>) {
        let reveal = session.caller.may(Right::RevealSecrets);
        let content = sender.row_content(&task, reveal);
        let mut revealed = Vec::new();
        if reveal && task.dial.has_secrets() {
            revealed.push("content");
        }
        (Self { task, content, workspace: sender.enterprise.workspace() }, revealed)
    }
}

/// The answer to a change: the task as the caller may see it. That he saw its secrets is told by the
/// entry of the change, or by one of its own when nothing changed.
fn answered(
    session: &Session,
    (before, after): (Option<&Task>, Task),
    sender: &Sender,
    now: DateTime<Utc>,
) -> Changed<Shown> {
    let is_same = before == Some(&after);
    let entry = Entry::done(&session.actor, now, before, Some(&after));
    let (shown, revealed) = Shown::to(session, after, sender);
    if is_same && revealed.is_empty() {
        return Changed::nothing(shown);
    }
    Changed::new(shown, entry.showing(revealed))
}
