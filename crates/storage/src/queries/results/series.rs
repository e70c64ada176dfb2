//! Rows and queries of series and of sets of tags.

use cadastre_domain::id::EnterpriseId;
use cadastre_domain::result::{Class, Measurement, PointTags};
use diesel::prelude::*;
use sha2::{Digest as _, Sha256};

use super::super::schema::{dial_tasks, result_series as series, result_tags as tags};
use super::super::{Conn, Repository, Result, invalid, parsed};
use super::LOOK_UP;
use crate::{Series, SeriesFilter, SeriesKey};

/// How many series are read at once when all are.
const CHUNK: i64 = 5000;

type Narrowed = series::BoxedQuery<'static, <Conn as Connection>::Backend>;

#[derive(Queryable, Selectable)]
#[diesel(table_name = series)]
struct SeriesRow {
    id: i64,
    enterprise_id: String,
    node_id: String,
    task_id: String,
    measurement: String,
    region_id: Option<String>,
}

/// What is not told is the empty text.
fn told<T>(id: Option<&T>) -> String
where
    T: ToString,
{
    id.map(ToString::to_string).unwrap_or_default()
}

impl SeriesRow {
    fn series(self) -> Result<Series> {
        let node = (!self.node_id.is_empty()).then(|| parsed(&self.node_id)).transpose()?;
        let task = (!self.task_id.is_empty()).then(|| parsed(&self.task_id)).transpose()?;
        let measurement = Measurement::try_from(self.measurement).map_err(invalid)?;
        let key = SeriesKey { enterprise: parsed(&self.enterprise_id)?, node, task, measurement };
        let region = self.region_id.as_deref().map(parsed).transpose()?;
        Ok(Series { id: self.id, key, region })
    }
}

impl Repository<'_> {
    pub(super) fn number_of_series(&mut self, key: &SeriesKey, most: i64) -> Result<i64> {
        if let Some(found) = self.series_with_key(key)? {
            return Ok(found);
        }
        let is_bounded = key.node.is_some() && key.task.is_some();
        let other = Measurement::other();
        if is_bounded && key.measurement.class().is_some() || key.measurement == other {
            return self.add_series(key);
        }
        if self.unbounded_series(key.enterprise)? < most {
            return self.add_series(key);
        }
        self.number_of_series(&SeriesKey { measurement: other, ..key.clone() }, most)
    }

    fn series_with_key(&mut self, key: &SeriesKey) -> Result<Option<i64>> {
        let found = series::table
            .filter(series::enterprise_id.eq(key.enterprise.to_string()))
            .filter(series::node_id.eq(told(key.node.as_ref())))
            .filter(series::task_id.eq(told(key.task.as_ref())))
            .filter(series::measurement.eq(key.measurement.as_str()))
            .select(series::id)
            .get_result(self.conn()?);
        Ok(found.optional()?)
    }

    /// How many series there are of which there could be any number: those that do not name both node
    /// and task, and those of no known class.
    fn unbounded_series(&mut self, enterprise: EnterpriseId) -> Result<i64> {
        let known = Class::ALL.map(Class::measurement);
        let is_unbounded =
            series::node_id.eq("").or(series::task_id.eq("")).or(series::measurement.ne_all(known));
        let found = series::table
            .filter(series::enterprise_id.eq(enterprise.to_string()))
            .filter(is_unbounded)
            .count()
            .get_result(self.conn()?);
        Ok(found?)
    }

    fn add_series(&mut self, key: &SeriesKey) -> Result<i64> {
        let region: Option<Option<String>> = match key.task {
            None => None,
            Some(task) => dial_tasks::table
                .filter(dial_tasks::id.eq(task.to_string()))
                .select(dial_tasks::region_id)
                .get_result(self.conn()?)
                .optional()?,
        };
        let added = diesel::insert_into(series::table)
            .values((
                series::enterprise_id.eq(key.enterprise.to_string()),
                series::node_id.eq(told(key.node.as_ref())),
                series::task_id.eq(told(key.task.as_ref())),
                series::measurement.eq(key.measurement.as_str()),
                series::region_id.eq(region.flatten()),
            ))
            .returning(series::id)
            .get_result(self.conn()?);
        Ok(added?)
    }

    pub(super) fn series_fitting(&mut self, filter: &SeriesFilter) -> Result<Vec<Series>> {
        if *filter == SeriesFilter::default() {
            return self.all_series();
        }
        let rows: Vec<SeriesRow> =
            narrowed(filter).select(SeriesRow::as_select()).load(self.conn()?)?;
        let found: Result<Vec<_>> = rows.into_iter().map(SeriesRow::series).collect();
        let mut found = found?;
        found.sort_by_key(|series| series.id);
        Ok(found)
    }

    fn all_series(&mut self) -> Result<Vec<Series>> {
        let mut found: Vec<Series> = Vec::new();
        loop {
            let after = found.last().map_or(0, |series| series.id);
            let rows: Vec<SeriesRow> = series::table
                .filter(series::id.gt(after))
                .order(series::id)
                .limit(CHUNK)
                .select(SeriesRow::as_select())
                .load(self.conn()?)?;
            if rows.is_empty() {
                return Ok(found);
            }
            for row in rows {
                found.push(row.series()?);
            }
        }
    }

    pub(super) fn series_named(&mut self, ids: &[i64]) -> Result<Vec<Series>> {
        let mut found = Vec::with_capacity(ids.len());
        for some in ids.chunks(LOOK_UP) {
            let rows: Vec<SeriesRow> = series::table
                .filter(series::id.eq_any(some))
                .select(SeriesRow::as_select())
                .load(self.conn()?)?;
            for row in rows {
                found.push(row.series()?);
            }
        }
        Ok(found)
    }

    pub(super) fn place_of_tags(
        &mut self,
        enterprise: EnterpriseId,
        set: &PointTags,
        day: i32,
        most: i64,
    ) -> Result<Option<i64>> {
        let (enterprise, text) = (enterprise.to_string(), set.to_json());
        let digest = Sha256::digest(text.as_bytes())[..16].to_vec();
        let found: Option<(i64, i32)> = tags::table
            .filter(tags::enterprise_id.eq(&enterprise).and(tags::digest.eq(&digest)))
            .select((tags::id, tags::used_on))
            .get_result(self.conn()?)
            .optional()?;
        match found {
            Some((id, used_on)) => {
                if used_on < day {
                    let used = diesel::update(tags::table.find(id)).set(tags::used_on.eq(day));
                    used.execute(self.conn()?)?;
                }
                return Ok(Some(id));
            }
            None if self.sets_of_tags(&enterprise)? >= most => return Ok(None),
            None => {}
        }
        let added = diesel::insert_into(tags::table)
            .values((
                tags::enterprise_id.eq(enterprise),
                tags::digest.eq(digest),
                tags::tags.eq(text),
                tags::agent_version.eq(set.agent_version()),
                tags::used_on.eq(day),
            ))
            .returning(tags::id)
            .get_result(self.conn()?);
        Ok(Some(added?))
    }

    fn sets_of_tags(&mut self, enterprise: &str) -> Result<i64> {
        let own = tags::table.filter(tags::enterprise_id.eq(enterprise));
        Ok(own.count().get_result(self.conn()?)?)
    }

    pub(super) fn forget_unused_tags(&mut self, day: i32, limit: i64) -> Result<usize> {
        let unused: Vec<i64> = tags::table
            .filter(tags::used_on.lt(day))
            .order(tags::used_on)
            .limit(limit)
            .select(tags::id)
            .load(self.conn()?)?;
        let mut forgotten = 0;
        for some in unused.chunks(LOOK_UP) {
            let some = tags::table.filter(tags::id.eq_any(some));
            forgotten += diesel::delete(some).execute(self.conn()?)?;
        }
        Ok(forgotten)
    }
}

fn narrowed(filter: &SeriesFilter) -> Narrowed {
    let mut query = series::table.into_boxed();
    if let Some(enterprise) = filter.enterprise {
        query = query.filter(series::enterprise_id.eq(enterprise.to_string()));
    }
    if !filter.nodes.is_empty() {
        let nodes: Vec<_> = filter.nodes.iter().map(ToString::to_string).collect();
        query = query.filter(series::node_id.eq_any(nodes));
    }
    if !filter.tasks.is_empty() {
        let tasks: Vec<_> = filter.tasks.iter().map(ToString::to_string).collect();
        query = query.filter(series::task_id.eq_any(tasks));
    }
    if let Some(region) = filter.region {
        query = query.filter(series::region_id.eq(region.to_string()));
    }
    if let Some(measurement) = &filter.measurement {
        query = query.filter(series::measurement.eq(measurement.as_str().to_owned()));
    }
    query
}
