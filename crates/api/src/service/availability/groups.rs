//! Members of an availability, grouped by node, part, carrier and place.

use std::collections::BTreeMap;

use cadastre_domain::availability::{State, combined};
use cadastre_domain::id::NodeId;
use cadastre_domain::node::Node;
use cadastre_domain::result::Rollup;
use cadastre_domain::watch::WatchPart;
use chrono::{DateTime, Utc};

use super::{Availability, Member, SPANS};

/// How some members stand together.
#[derive(Debug, Clone)]
pub struct Figures {
    /// Their state.
    pub state: State,
    /// How many nodes there are in each state, in the order of [`State::ALL`].
    pub nodes: [usize; State::ALL.len()],
    /// When one of them was dialled last, and by which node.
    pub newest: Option<(DateTime<Utc>, NodeId)>,
    /// When the one was dialled last whose news are the oldest; none if one never was.
    pub oldest: Option<DateTime<Utc>>,
    /// What they came to over each of [`SPANS`].
    pub spans: [Rollup; SPANS.len()],
}

/// Where a node stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The country.
    pub country: String,
    /// The province.
    pub province: String,
    /// The city.
    pub city: String,
}

/// Figures of what has something in common.
pub type Group<K> = (K, Figures);

impl Figures {
    fn of<'m>(members: impl IntoIterator<Item = &'m Member>) -> Self {
        let members: Vec<&Member> = members.into_iter().collect();
        let mut spans = [(); SPANS.len()].map(|()| Rollup::default());
        for member in &members {
            spans.iter_mut().zip(&member.spans).for_each(|(sum, rollup)| sum.merge(rollup));
        }
        let mut by_node: BTreeMap<&NodeId, Vec<State>> = BTreeMap::new();
        for member in &members {
            by_node.entry(&member.node).or_default().push(member.state);
        }
        let states: Vec<State> = by_node.into_values().map(combined).collect();
        let count = |state| states.iter().filter(|found| **found == state).count();
        let seen = |member: &Member| {
            let last = member.last.as_ref()?;
            Some(DateTime::from_timestamp_nanos(last.at_ns))
        };
        let newest = members.iter().filter_map(|m| Some((seen(m)?, m.node.clone()))).max();
        let all: Option<Vec<_>> = members.iter().map(|member| seen(member)).collect();
        let oldest = all.and_then(|times| times.into_iter().min());
        Self {
            state: combined(states.iter().copied()),
            nodes: State::ALL.map(count),
            newest,
            oldest,
            spans,
        }
    }
}

impl Availability {
    /// The region as a whole.
    #[must_use]
    pub fn whole(&self) -> Figures {
        Figures::of(&self.members)
    }

    /// By part.
    #[must_use]
    pub fn parts(&self) -> Vec<Group<WatchPart>> {
        self.grouped(|member, _| member.part)
    }

    /// By carrier.
    #[must_use]
    pub fn carriers(&self) -> Vec<Group<String>> {
        self.grouped(|_, node| node.profile.isp.as_ref().to_owned())
    }

    /// By place.
    #[must_use]
    pub fn places(&self) -> Vec<Group<Place>> {
        self.grouped(|_, node| Place {
            country: node.profile.country.as_ref().to_owned(),
            province: node.profile.province.as_ref().to_owned(),
            city: node.profile.city.as_ref().to_owned(),
        })
    }

    /// The figures of one node.
    #[must_use]
    pub fn of_node(&self, node: &NodeId) -> Figures {
        Figures::of(self.members_of(node))
    }

    /// The parts as one node sees them.
    pub fn members_of(&self, node: &NodeId) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(move |member| member.node == *node)
    }

    fn grouped<K: Ord>(&self, key: impl Fn(&Member, &Node) -> K) -> Vec<Group<K>> {
        let nodes: BTreeMap<_, _> = self.nodes.iter().map(|node| (&node.id, node)).collect();
        let mut groups: BTreeMap<K, Vec<&Member>> = BTreeMap::new();
        for member in &self.members {
            if let Some(node) = nodes.get(&member.node) {
                groups.entry(key(member, node)).or_default().push(member);
            }
        }
        groups.into_iter().map(|(key, members)| (key, Figures::of(members))).collect()
    }
}
