//! Rows and queries of watches.

use std::collections::{HashMap, HashSet};

use cadastre_domain::id::{NodeId, RegionId};
use cadastre_domain::watch::Watch;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::schema::{region_watch_nodes as watch_nodes, region_watches as watches};
use super::{Repository, Result, invalid, parsed};
use crate::Watches;

/// How many watches are asked for in one statement, and nodes written.
const LOOK_UP: usize = 500;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = watches)]
struct WatchRow {
    region_id: String,
    id: String,
    enterprise_id: String,
    frequency: String,
    down_from: i32,
    verifies_tls: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    version: i64,
}

impl From<&Watch> for WatchRow {
    fn from(watch: &Watch) -> Self {
        Self {
            region_id: watch.region_id.to_string(),
            id: watch.id.to_string(),
            enterprise_id: watch.enterprise_id.to_string(),
            frequency: watch.frequency.to_string(),
            down_from: i32::try_from(watch.down_from).unwrap_or(i32::MAX),
            verifies_tls: watch.verifies_tls,
            created_at: watch.created_at,
            updated_at: watch.updated_at,
            version: watch.version,
        }
    }
}

impl WatchRow {
    fn watch(self, nodes: Vec<NodeId>) -> Result<Watch> {
        Ok(Watch {
            id: parsed(&self.id)?,
            region_id: parsed(&self.region_id)?,
            enterprise_id: parsed(&self.enterprise_id)?,
            nodes,
            frequency: parsed(&self.frequency)?,
            down_from: u32::try_from(self.down_from).map_err(invalid)?,
            verifies_tls: self.verifies_tls,
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version,
        })
    }
}

impl Repository<'_> {
    fn with_their_nodes(&mut self, rows: Vec<WatchRow>) -> Result<Vec<Watch>> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let regions: Vec<_> = rows.iter().map(|row| row.region_id.clone()).collect();
        let pairs: Vec<(String, String)> = watch_nodes::table
            .filter(watch_nodes::region_id.eq_any(regions))
            .order((watch_nodes::region_id, watch_nodes::node_id))
            .select((watch_nodes::region_id, watch_nodes::node_id))
            .load(self.conn()?)?;
        let mut nodes: HashMap<_, Vec<_>> = HashMap::new();
        for (region, node) in pairs {
            nodes.entry(region).or_default().push(parsed(&node)?);
        }
        let nodes_of = |row: &WatchRow, nodes: &mut HashMap<_, _>| {
            nodes.remove(&row.region_id).unwrap_or_default()
        };
        rows.into_iter()
            .map(|row| {
                let nodes = nodes_of(&row, &mut nodes);
                row.watch(nodes)
            })
            .collect()
    }

    /// Gives a watch its nodes. Of many, mostly a few are others than before.
    fn replace_nodes(&mut self, watch: &Watch) -> Result<()> {
        let region = watch.region_id.to_string();
        let own = watch_nodes::table.filter(watch_nodes::region_id.eq(&region));
        let before: Vec<String> = own.select(watch_nodes::node_id).load(self.conn()?)?;
        let wanted: HashSet<&str> = watch.nodes.iter().map(AsRef::as_ref).collect();
        let gone: Vec<_> = before.iter().filter(|id| !wanted.contains(id.as_str())).collect();
        for some in gone.chunks(LOOK_UP) {
            let some = own.filter(watch_nodes::node_id.eq_any(some.to_vec()));
            diesel::delete(some).execute(self.conn()?)?;
        }
        let before: HashSet<&str> = before.iter().map(String::as_str).collect();
        let new = watch.nodes.iter().filter(|id| !before.contains(id.as_ref()));
        let row = |id: &NodeId| {
            (watch_nodes::region_id.eq(&region), watch_nodes::node_id.eq(id.to_string()))
        };
        let rows: Vec<_> = new.map(row).collect();
        for some in rows.chunks(LOOK_UP) {
            diesel::insert_into(watch_nodes::table).values(some).execute(self.conn()?)?;
        }
        Ok(())
    }
}

impl Watches for Repository<'_> {
    fn insert_watch(&mut self, watch: &Watch) -> Result<()> {
        diesel::insert_into(watches::table).values(WatchRow::from(watch)).execute(self.conn()?)?;
        self.replace_nodes(watch)
    }

    fn find_watch(&mut self, region: RegionId) -> Result<Option<Watch>> {
        let row = watches::table
            .find(region.to_string())
            .select(WatchRow::as_select())
            .get_result(self.conn()?)
            .optional()?;
        // Most regions that are changed have none, so nothing more is asked for them.
        let Some(row) = row else { return Ok(None) };
        Ok(self.with_their_nodes(vec![row])?.pop())
    }

    fn list_watches(&mut self, after: Option<RegionId>, limit: i64) -> Result<Vec<Watch>> {
        let after = after.map(|region| region.to_string()).unwrap_or_default();
        let rows = watches::table
            .filter(watches::region_id.gt(after))
            .order(watches::region_id)
            .limit(limit)
            .select(WatchRow::as_select())
            .load(self.conn()?)?;
        self.with_their_nodes(rows)
    }

    fn watches_from(&mut self, node: &NodeId) -> Result<Vec<Watch>> {
        let regions: Vec<String> = watch_nodes::table
            .filter(watch_nodes::node_id.eq(node.as_ref()))
            .order(watch_nodes::region_id)
            .select(watch_nodes::region_id)
            .load(self.conn()?)?;
        let mut found = Vec::with_capacity(regions.len());
        for some in regions.chunks(LOOK_UP) {
            let rows = watches::table
                .filter(watches::region_id.eq_any(some))
                .order(watches::region_id)
                .select(WatchRow::as_select())
                .load(self.conn()?)?;
            found.append(&mut self.with_their_nodes(rows)?);
        }
        Ok(found)
    }

    fn save_watch(&mut self, watch: &Watch) -> Result<bool> {
        let changed = diesel::update(watches::table.find(watch.region_id.to_string()))
            .filter(watches::version.eq(watch.version - 1))
            .set(WatchRow::from(watch))
            .execute(self.conn()?)?;
        if changed == 1 {
            self.replace_nodes(watch)?;
        }
        Ok(changed == 1)
    }

    fn delete_watch(&mut self, region: RegionId, version: i64) -> Result<bool> {
        let gone = watches::table.find(region.to_string()).filter(watches::version.eq(version));
        Ok(diesel::delete(gone).execute(self.conn()?)? == 1)
    }
}
