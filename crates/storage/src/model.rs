//! Regions and nodes in memory, as fresh as the database.
//!
//! Whoever reads asks first which audit entry is the last. Every change leaves one in its own
//! transaction, so when that is the entry up to which the model was brought, nothing has changed,
//! whoever wrote; otherwise the entries in between say which of them to read again. So a read that
//! begins after a write was acknowledged sees it, on any server.

mod nodes;

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::ops::Bound::{Excluded, Unbounded};
use std::str::FromStr;
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard};

use bytes::Bytes;
use cadastre_domain::audit::Subject as _;
use cadastre_domain::id::{EnterpriseId, NodeId, RegionId, TaskId};
use cadastre_domain::node::Node;
use cadastre_domain::region::{RegionDetail, RegionName};
use cadastre_domain::task::Task;
use cadastre_domain::variable::DialVariable;
use chrono::{DateTime, Utc};

use crate::{ListedRegion, StorageError, Tx, VariableState};
pub use nodes::{ModelNode, ModelNodes, Newest};

/// How many regions or nodes are read at once when all are.
const CHUNK: i64 = 2000;
/// Behind how many entries everything is read anew.
const MOST_ENTRIES: i64 = 2000;
/// How many regions are looked up in one statement.
const LOOK_UP: usize = 500;

/// How many forms of a body are kept beside a region, a list of regions, or a node.
pub const FORMS: usize = 4;

/// Bodies that were rendered before. What each place holds is the faces' own business.
pub type Bodies = [OnceLock<Bytes>; FORMS];

/// A region in the model.
#[derive(Debug)]
pub struct ModelRegion {
    /// The region.
    pub listed: ListedRegion,
    /// Its bodies.
    pub bodies: Bodies,
}

/// The regions of one enterprise, the oldest first.
#[derive(Debug, Default)]
pub struct Holding {
    regions: BTreeMap<RegionId, Arc<ModelRegion>>,
    /// The sequence of the last change in it.
    revision: i64,
    /// Bodies of the whole list.
    bodies: Arc<Bodies>,
}

impl Holding {
    /// The regions behind `after`, the oldest first.
    pub fn after(&self, after: Option<RegionId>) -> impl Iterator<Item = &Arc<ModelRegion>> {
        behind(&self.regions, after)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.regions.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.regions.is_empty()
    }

    /// A number that grows with every change in it.
    #[must_use]
    pub const fn revision(&self) -> i64 {
        self.revision
    }

    /// Bodies of the whole list, as it is at this revision.
    #[must_use]
    pub fn bodies(&self) -> Arc<Bodies> {
        Arc::clone(&self.bodies)
    }
}

/// The regions behind `after`, the oldest first.
fn behind(
    regions: &BTreeMap<RegionId, Arc<ModelRegion>>,
    after: Option<RegionId>,
) -> impl Iterator<Item = &Arc<ModelRegion>> {
    let start = after.map_or(Unbounded, Excluded);
    regions.range((start, Unbounded)).map(|(_, region)| region)
}

/// All regions and nodes, as they were at one moment.
#[derive(Debug, Default)]
pub struct Model {
    /// The entry up to which everything is in it; none before it was read for the first time.
    sequence: Option<i64>,
    holdings: BTreeMap<EnterpriseId, Holding>,
    regions: BTreeMap<RegionId, Arc<ModelRegion>>,
    names: HashMap<RegionName, RegionId>,
    nodes: ModelNodes,
}

impl Model {
    /// The regions of an enterprise.
    #[must_use]
    pub fn holding(&self, enterprise: EnterpriseId) -> Option<&Holding> {
        self.holdings.get(&enterprise)
    }

    /// The regions of all enterprises.
    pub fn holdings(&self) -> impl Iterator<Item = (&EnterpriseId, &Holding)> {
        self.holdings.iter()
    }

    /// The region with this identifier.
    #[must_use]
    pub fn find(&self, id: RegionId) -> Option<&Arc<ModelRegion>> {
        self.regions.get(&id)
    }

    /// The regions of all enterprises behind `after`, the oldest first.
    pub fn after(&self, after: Option<RegionId>) -> impl Iterator<Item = &Arc<ModelRegion>> {
        behind(&self.regions, after)
    }

    /// The region of this name.
    #[must_use]
    pub fn find_named(&self, name: &RegionName) -> Option<&Arc<ModelRegion>> {
        self.find(*self.names.get(name)?)
    }

    /// The nodes.
    #[must_use]
    pub const fn nodes(&self) -> &ModelNodes {
        &self.nodes
    }

    /// The entry up to which everything is in it; 0 before it was read for the first time.
    #[must_use]
    pub fn sequence(&self) -> i64 {
        self.sequence.unwrap_or_default()
    }

    /// Whether everything is in it up to this entry.
    pub(crate) fn is_upto(&self, entry: i64) -> bool {
        self.sequence == Some(entry)
    }

    fn put(&mut self, listed: ListedRegion, sequence: i64) {
        let (id, home) = (listed.region.id, listed.region.enterprise_id);
        self.names.insert(listed.region.name.clone(), id);
        let region = Arc::new(ModelRegion { listed, bodies: Bodies::default() });
        self.regions.insert(id, Arc::clone(&region));
        self.touched(home, sequence).regions.insert(id, region);
    }

    fn remove(&mut self, id: RegionId, sequence: i64) {
        let Some(gone) = self.regions.remove(&id) else { return };
        let (home, name) = (gone.listed.region.enterprise_id, &gone.listed.region.name);
        self.touched(home, sequence).regions.remove(&id);
        // The name may be another region's by now.
        if self.names.get(name) == Some(&id) {
            self.names.remove(name);
        }
    }

    fn take(&mut self, part: Part) {
        for (id, found) in part.regions {
            match found {
                Some(listed) => self.put(listed, part.upto),
                None => self.remove(id, part.upto),
            }
        }
        for (id, found) in part.nodes {
            match found {
                Some(node) => self.nodes.put(node),
                None => self.nodes.remove(&id),
            }
        }
        if let Some(states) = part.variables {
            self.nodes.set_variables(states);
        }
        self.sequence = Some(part.upto);
    }

    fn touched(&mut self, home: EnterpriseId, sequence: i64) -> &mut Holding {
        let holding = self.holdings.entry(home).or_default();
        holding.revision = sequence;
        holding.bodies = Arc::default();
        holding
    }
}

/// The model, and the way to bring it up to date.
#[derive(Debug, Default)]
pub(crate) struct Regions {
    model: RwLock<Model>,
}

/// What has changed since the model was brought up to date.
enum News {
    Nothing,
    Some(Box<Part>),
    All(Box<Model>),
}

/// The part that has changed: each thing as it is now, or that it is there no more.
struct Part {
    upto: i64,
    regions: HashMap<RegionId, Option<ListedRegion>>,
    nodes: HashMap<NodeId, Option<ModelNode>>,
    variables: Option<HashMap<EnterpriseId, VariableState>>,
}

impl Regions {
    /// The model as it is.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Model> {
        self.model.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Brings the model up to what is committed now. When several callers do it at once, none takes
    /// back what another one did.
    pub(crate) fn refresh(&self, tx: &mut dyn Tx) -> Result<(), StorageError> {
        loop {
            let before = self.read().sequence;
            let news = match news(tx, before)? {
                News::Nothing => return Ok(()),
                news => news,
            };
            let is_taken = self.write(|model| {
                let is_same = model.sequence == before;
                match news {
                    News::Some(part) if is_same => model.take(*part),
                    News::All(new) if is_same => *model = *new,
                    News::Nothing | News::Some(_) | News::All(_) => {}
                }
                is_same
            });
            if is_taken {
                return Ok(());
            }
        }
    }

    /// Lets nodes go that were deleted before this time, when their keys are not kept any more.
    pub(crate) fn forget_deleted_nodes(&self, before: DateTime<Utc>) {
        self.write(|model| model.nodes.forget_deleted(before));
    }

    fn write<T>(&self, change: impl FnOnce(&mut Model) -> T) -> T {
        change(&mut self.model.write().unwrap_or_else(PoisonError::into_inner))
    }
}

fn news(tx: &mut dyn Tx, before: Option<i64>) -> Result<News, StorageError> {
    // First, so that what is newer when it is read is read once more next time.
    let last = tx.last_entry()?;
    let before = match before {
        Some(before) if last == before => return Ok(News::Nothing),
        Some(before) if last > before && last - before <= MOST_ENTRIES => before,
        _ => return all(tx, last),
    };
    // Those in between may have been archived, when the last read was long ago.
    let Some(entries) = tx.changed_since(before, MOST_ENTRIES)? else { return all(tx, last) };
    let mut part = Part {
        upto: last,
        regions: changed(&entries, RegionDetail::KIND),
        nodes: changed(&entries, Node::KIND),
        variables: None,
    };
    for task in changed::<TaskId, ()>(&entries, Task::KIND).into_keys() {
        part.nodes.extend(tx.nodes_of_task(task)?.into_iter().map(|node| (node, None)));
    }
    let regions: Vec<_> = part.regions.keys().copied().collect();
    for some in regions.chunks(LOOK_UP) {
        for listed in tx.find_regions(some)? {
            part.regions.insert(listed.region.id, Some(listed));
        }
    }
    let nodes: Vec<_> = part.nodes.keys().cloned().collect();
    for node in nodes::read(tx, &nodes)? {
        part.nodes.insert(node.node.id.clone(), Some(node));
    }
    if entries.iter().any(|(_, kind, _)| kind == DialVariable::KIND) {
        part.variables = Some(tx.variable_states()?.into_iter().collect());
    }
    Ok(News::Some(Box::new(part)))
}

/// The things of this kind that changed, of none of which is known yet what it is now.
fn changed<I: FromStr + Eq + Hash, T>(
    entries: &[(i64, String, String)],
    of_kind: &str,
) -> HashMap<I, Option<T>> {
    let ids = entries.iter().filter(|(_, kind, _)| kind == of_kind);
    ids.filter_map(|(_, _, id)| Some((id.parse().ok()?, None))).collect()
}

fn all(tx: &mut dyn Tx, sequence: i64) -> Result<News, StorageError> {
    let nodes = ModelNodes::load(tx)?;
    let mut model = Model { sequence: Some(sequence), nodes, ..Model::default() };
    let mut after = None;
    loop {
        let regions = tx.list_all_regions(after, CHUNK)?;
        let Some(last) = regions.last() else { return Ok(News::All(Box::new(model))) };
        after = Some(last.region.id);
        for listed in regions {
            model.put(listed, sequence);
        }
    }
}
