//! Watches of regions.

use cadastre_domain::id::{NodeId, RegionId};
use cadastre_domain::watch::Watch;

use super::Result;

/// Watches of regions. That of a region goes with it.
pub trait Watches {
    /// Adds a watch.
    fn insert_watch(&mut self, watch: &Watch) -> Result<()>;
    /// The watch of a region.
    fn find_watch(&mut self, region: RegionId) -> Result<Option<Watch>>;
    /// At most `limit` watches of all enterprises behind that of the region `after`, in the order of
    /// their regions.
    fn list_watches(&mut self, after: Option<RegionId>, limit: i64) -> Result<Vec<Watch>>;
    /// The watches that this node is in, in the order of their regions.
    fn watches_from(&mut self, node: &NodeId) -> Result<Vec<Watch>>;
    /// Saves a changed watch; `false` when the stored version is not the one before.
    fn save_watch(&mut self, watch: &Watch) -> Result<bool>;
    /// Removes the watch of a region; `false` when there is none in this version.
    fn delete_watch(&mut self, region: RegionId, version: i64) -> Result<bool>;
}
