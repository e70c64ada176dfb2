//! The regions of all enterprises, for the management interface.

use std::collections::HashMap;
use std::sync::Arc;

use cadastre_domain::enterprise::EnterpriseName;
use cadastre_storage::{Model, ModelRegion};

use super::reading::Filter;
use crate::app::App;
use crate::error::Error;
use crate::reads::ReadClass;

/// Which regions are wanted.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Those whose name or alias contains this, in upper or lower case.
    pub contains: String,
    /// Which page, from 1.
    pub page: usize,
    /// How many make a page; with 0, all are on every page.
    pub page_size: usize,
}

/// A page of regions.
#[derive(Debug)]
pub struct Page {
    /// How many there are on all pages.
    pub total: usize,
    /// Those on this one, the oldest first, each with the name of its enterprise.
    pub regions: Vec<(Arc<ModelRegion>, EnterpriseName)>,
}

/// A page of the regions of all enterprises. Behind the last one, pages are empty.
///
/// # Errors
/// Failures of the storage.
pub async fn list(app: &App, wanted: &Wanted) -> Result<Page, Error> {
    let (total, regions) = select(&*app.regions().await?, wanted);
    // Read after the regions, so that there is none without its enterprise.
    let enterprises = app.read_as(ReadClass::BACKGROUND, |tx| Ok(tx.list_enterprises()?)).await?;
    let names: HashMap<_, _> =
        enterprises.into_iter().map(|enterprise| (enterprise.id, enterprise.name)).collect();
    let with_owner = |region: Arc<ModelRegion>| {
        let name = names.get(&region.listed.region.enterprise_id).cloned()?;
        Some((region, name))
    };
    Ok(Page { total, regions: regions.into_iter().filter_map(with_owner).collect() })
}

/// How many regions are wanted at all, and those on the page.
fn select(model: &Model, wanted: &Wanted) -> (usize, Vec<Arc<ModelRegion>>) {
    let filter = Filter { contains: Some(wanted.contains.to_lowercase()), ..Filter::default() };
    let fitting: Vec<_> = model.after(None).filter(|region| filter.fits(&region.listed)).collect();
    let (before, most) = match wanted.page_size {
        0 => (0, usize::MAX),
        size => (wanted.page.saturating_sub(1).saturating_mul(size), size),
    };
    let page = fitting.iter().skip(before).take(most).map(|region| Arc::clone(region));
    (fitting.len(), page.collect())
}
