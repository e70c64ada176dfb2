//! Changes of what is said about a node.

use chrono::{DateTime, Utc};

use super::{Node, NodeProfile, NodeText, NodeWord};

/// A change of what is said about a node: what is not there stays. Its keycode never changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NodeEdit {
    /// Inside China or abroad.
    pub internal: Option<bool>,
    /// The carrier.
    pub isp: Option<NodeWord>,
    /// The country.
    pub country: Option<NodeWord>,
    /// The province.
    pub province: Option<NodeText>,
    /// The city.
    pub city: Option<NodeText>,
    /// What people call it.
    pub name: Option<NodeText>,
    /// Whose it is.
    pub company: Option<NodeText>,
}

impl Node {
    /// The node after a change at `now`; nothing when it changes nothing.
    #[must_use]
    pub fn edited(&self, edit: NodeEdit, now: DateTime<Utc>) -> Option<Self> {
        let old = self.profile.clone();
        let profile = NodeProfile {
            internal: edit.internal.unwrap_or(old.internal),
            isp: edit.isp.unwrap_or(old.isp),
            country: edit.country.unwrap_or(old.country),
            province: edit.province.unwrap_or(old.province),
            city: edit.city.unwrap_or(old.city),
            name: edit.name.unwrap_or(old.name),
            company: edit.company.unwrap_or(old.company),
            keycode: old.keycode,
        };
        (profile != self.profile).then(|| Self { profile, ..self.changed(now) })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::sample::{NOW, OWN, text};

    fn node() -> Node {
        let profile = NodeProfile {
            internal: false,
            isp: text("i"),
            country: text("c"),
            province: text("p"),
            city: text("t"),
            name: text("n"),
            company: text("o"),
            keycode: text("k"),
        };
        Node::new(text("reg_cg2britepb7e977fpm8g"), OWN, profile, NOW)
    }

    #[test]
    fn each_field_changes_alone_and_makes_another_version() {
        let (node, later) = (node(), NOW + TimeDelta::seconds(1));
        let nothing = NodeEdit::default();
        let same = NodeProfile { ..node.profile.clone() };
        let cases = [
            (
                NodeEdit { internal: Some(true), ..nothing.clone() },
                NodeProfile { internal: true, ..same.clone() },
            ),
            (
                NodeEdit { isp: Some(text("x")), ..nothing.clone() },
                NodeProfile { isp: text("x"), ..same.clone() },
            ),
            (
                NodeEdit { country: Some(text("x")), ..nothing.clone() },
                NodeProfile { country: text("x"), ..same.clone() },
            ),
            (
                NodeEdit { province: Some(text("")), ..nothing.clone() },
                NodeProfile { province: text(""), ..same.clone() },
            ),
            (
                NodeEdit { city: Some(text("x")), ..nothing.clone() },
                NodeProfile { city: text("x"), ..same.clone() },
            ),
            (
                NodeEdit { name: Some(text("x")), ..nothing.clone() },
                NodeProfile { name: text("x"), ..same.clone() },
            ),
            (
                NodeEdit { company: Some(text("x")), ..nothing.clone() },
                NodeProfile { company: text("x"), ..same },
            ),
        ];
        for (edit, profile) in cases {
            let expected = Node { profile, updated_at: later, version: 2, ..node.clone() };
            assert_eq!(node.edited(edit.clone(), later), Some(expected.clone()));
            assert_eq!(expected.edited(edit, later), None);
        }
        assert_eq!(node.edited(nothing, later), None);
    }
}
