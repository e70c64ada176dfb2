//! Compares what the clients were told with what the restarted server answers.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::Outcome;
use crate::api::Api;
use crate::ledger::{Ledger, Region};
use crate::texts::{self, Fields, LISTED};

/// Teams and openings are asked for one by one, so each is asked for in one cycle only; that they
/// stay is seen in the database.
#[derive(Debug, Default)]
pub struct WireCheck {
    teams: HashSet<String>,
    openings: HashSet<(String, String)>,
}

impl WireCheck {
    /// Asks for all regions, and for the teams and openings of this cycle.
    pub fn check(&mut self, ledgers: &[Ledger], api: &Api) -> Outcome {
        let listed = api.regions()?.into_iter().map(|row| (text(&row, "region_name"), row));
        let mut listed: HashMap<_, _> = listed.collect();
        for ledger in ledgers {
            for region in &ledger.regions {
                same(region, listed.remove(&region.name))?;
            }
            self.check_teams(ledger, api)?;
        }
        if listed.is_empty() {
            return Ok(());
        }
        Err(format!("listed, but nobody wrote these: {:?}", listed.into_keys()).into())
    }

    fn check_teams(&mut self, ledger: &Ledger, api: &Api) -> Outcome {
        for team in &ledger.teams {
            if self.teams.insert(team.id.clone()) && api.team_alias(&team.id)? != team.alias {
                return Err(format!("torn: the team {} has another alias", team.alias).into());
            }
        }
        let names: HashMap<_, _> =
            ledger.regions.iter().map(|region| (&region.id, &region.name)).collect();
        for opening in &ledger.openings {
            if self.openings.insert(opening.clone()) {
                // Open already, so this changes nothing and succeeds.
                api.open_region(&opening.0, names[&opening.1])?;
            }
        }
        Ok(())
    }
}

fn same(region: &Region, row: Option<Value>) -> Outcome {
    let name = &region.name;
    let row = row.ok_or_else(|| format!("lost: the region {name} is not in the list"))?;
    let shown: Fields = LISTED.iter().map(|field| (*field, Some(text(&row, field)))).collect();
    let mut wanted = texts::region(name, region.serial);
    wanted.retain(|field, _| LISTED.contains(field));
    if text(&row, "region_id") != region.id {
        return Err(format!("torn: the region {name} is listed with another identifier").into());
    }
    match texts::differences(&wanted, &shown) {
        None => Ok(()),
        Some(found) => Err(format!("torn: the region {name} in the list:{found}").into()),
    }
}

fn text(row: &Value, field: &str) -> String {
    row[field].as_str().unwrap_or_default().to_owned()
}
