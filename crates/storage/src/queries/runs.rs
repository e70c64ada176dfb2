//! Rows and queries of tasks that nodes are to run once.

use cadastre_domain::id::NodeId;
use cadastre_domain::node::NodeRun;
use chrono::{DateTime, Utc};
use diesel::dsl::max;
use diesel::prelude::*;

use super::schema::node_runs;
use super::{Repository, Result, parsed};
use crate::NodeRuns;

/// How many nodes are asked for in one statement.
const LOOK_UP: usize = 500;

type Row = (i64, String, String, DateTime<Utc>);

fn run(node: &NodeId, (number, id, tasks, created_at): Row) -> Result<NodeRun> {
    let tasks = tasks.split(',').map(parsed).collect::<Result<_>>()?;
    let (id, number, node_id) = (parsed(&id)?, Some(number), node.clone());
    Ok(NodeRun { id, number, node_id, tasks, created_at })
}

impl NodeRuns for Repository<'_> {
    fn insert_run(&mut self, run: &NodeRun) -> Result<i64> {
        let tasks: Vec<_> = run.tasks.iter().map(ToString::to_string).collect();
        let number = diesel::insert_into(node_runs::table)
            .values((
                node_runs::id.eq(run.id.to_string()),
                node_runs::node_id.eq(run.node_id.to_string()),
                node_runs::tasks.eq(tasks.join(",")),
                node_runs::created_at.eq(run.created_at),
            ))
            .returning(node_runs::number)
            .get_result(self.conn()?)?;
        Ok(number)
    }

    fn runs_behind(&mut self, node: &NodeId, after: i64, limit: i64) -> Result<Vec<NodeRun>> {
        let rows: Vec<Row> = node_runs::table
            .filter(node_runs::node_id.eq(node.as_ref()))
            .filter(node_runs::number.gt(after))
            .order(node_runs::number)
            .limit(limit)
            .select((node_runs::number, node_runs::id, node_runs::tasks, node_runs::created_at))
            .load(self.conn()?)?;
        rows.into_iter().map(|row| run(node, row)).collect()
    }

    fn last_runs(&mut self, nodes: &[NodeId]) -> Result<Vec<(NodeId, i64)>> {
        let mut found = Vec::new();
        for some in nodes.chunks(LOOK_UP) {
            let ids: Vec<_> = some.iter().map(ToString::to_string).collect();
            let rows: Vec<(String, Option<i64>)> = node_runs::table
                .filter(node_runs::node_id.eq_any(ids))
                .group_by(node_runs::node_id)
                .select((node_runs::node_id, max(node_runs::number)))
                .load(self.conn()?)?;
            for (id, number) in rows {
                found.push((parsed(&id)?, number.unwrap_or_default()));
            }
        }
        Ok(found)
    }

    fn forget_runs(&mut self, before: DateTime<Utc>) -> Result<usize> {
        let old = node_runs::table.filter(node_runs::created_at.lt(before));
        Ok(diesel::delete(old).execute(self.conn()?)?)
    }
}
