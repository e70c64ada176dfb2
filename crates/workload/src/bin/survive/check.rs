//! Compares what the clients were told with what is in the database.

use crate::Outcome;
use crate::ledger::{Ledger, Operation, Region, Team};
use crate::rows::Stored;
use crate::texts::{self, Fields};

/// Checks everything and enters what was in flight and turned out to be kept; says how much that
/// was. What was kept once must stay, whether it was acknowledged or not.
pub fn check(ledgers: &mut [Ledger], mut stored: Stored) -> Outcome<u32> {
    let mut kept = 0;
    for ledger in ledgers.iter_mut() {
        let in_flight = ledger.in_flight.take();
        kept += regions(ledger, in_flight.as_ref(), &mut stored)?;
        kept += nodes(ledger, in_flight.as_ref(), &mut stored)?;
        kept += teams(ledger, in_flight.as_ref(), &mut stored)?;
        kept += openings(ledger, in_flight.as_ref(), &mut stored)?;
    }
    let Stored { regions, nodes, teams, openings } = stored;
    let strangers: Vec<_> =
        regions.into_keys().chain(nodes.into_keys()).chain(teams.into_keys()).collect();
    if strangers.is_empty() && openings.is_empty() {
        return Ok(kept);
    }
    Err(format!("nobody wrote these: {strangers:?} {openings:?}").into())
}

fn regions(
    ledger: &mut Ledger,
    in_flight: Option<&Operation>,
    stored: &mut Stored,
) -> Outcome<u32> {
    let mut kept = 0;
    for (place, region) in ledger.regions.iter_mut().enumerate() {
        let name = &region.name;
        let found = stored.regions.remove(name);
        let (id, fields) = found.ok_or_else(|| format!("lost: the region {name}"))?;
        if id != region.id {
            return Err(format!("torn: the region {name} is {id}, not {}", region.id).into());
        }
        let under_way = match in_flight {
            Some(Operation::EditRegion { region, serial }) if *region == place => Some(*serial),
            _ => None,
        };
        let serial = whole(name, &fields)?;
        if serial != region.serial {
            if under_way != Some(serial) {
                let last = region.serial;
                return Err(format!("lost: edit {last} of {name}, which is at {serial}").into());
            }
            kept += 1;
        }
        region.serial = serial;
    }
    if let Some(Operation::CreateRegion { name, serial }) = in_flight
        && let Some((id, fields)) = stored.regions.remove(name)
    {
        if whole(name, &fields)? != *serial {
            return Err(format!("torn: the region {name} was never edited, but is").into());
        }
        ledger.regions.push(Region { id, name: name.clone(), serial: *serial });
        kept += 1;
    }
    Ok(kept)
}

/// The number of the edit that all fields of a region agree on.
fn whole(name: &str, fields: &Fields) -> Outcome<u32> {
    let serial = texts::serial(name, fields);
    let serial = serial.ok_or_else(|| format!("torn: the region {name} is {fields:?}"))?;
    match texts::differences(&texts::region(name, serial), fields) {
        None => Ok(serial),
        Some(found) => Err(format!("torn: the region {name} at edit {serial}:{found}").into()),
    }
}

fn nodes(ledger: &mut Ledger, in_flight: Option<&Operation>, stored: &mut Stored) -> Outcome<u32> {
    for node in &ledger.nodes {
        let keycode = &node.keycode;
        let found = stored.nodes.remove(keycode);
        let (found, fields) = found.ok_or_else(|| format!("lost: the node {keycode}"))?;
        if found != *node {
            return Err(format!("torn: wanted {node:?}, found {found:?}").into());
        }
        whole_node(keycode, &fields)?;
    }
    if let Some(Operation::RegisterNode { keycode }) = in_flight
        && let Some((node, fields)) = stored.nodes.remove(keycode)
    {
        whole_node(keycode, &fields)?;
        ledger.nodes.push(node);
        return Ok(1);
    }
    Ok(0)
}

fn whole_node(keycode: &str, fields: &Fields) -> Outcome {
    match texts::differences(&texts::node(keycode), fields) {
        None => Ok(()),
        Some(found) => Err(format!("torn: the node {keycode}:{found}").into()),
    }
}

fn teams(ledger: &mut Ledger, in_flight: Option<&Operation>, stored: &mut Stored) -> Outcome<u32> {
    for Team { id, alias } in &ledger.teams {
        let found = stored.teams.remove(alias);
        if found.as_ref() != Some(id) {
            return Err(format!("lost: the team {alias}, {id}; found {found:?}").into());
        }
    }
    if let Some(Operation::CreateTeam { alias }) = in_flight
        && let Some(id) = stored.teams.remove(alias)
    {
        ledger.teams.push(Team { id, alias: alias.clone() });
        return Ok(1);
    }
    Ok(0)
}

fn openings(
    ledger: &mut Ledger,
    in_flight: Option<&Operation>,
    stored: &mut Stored,
) -> Outcome<u32> {
    // A region may have been opened twice for a team, which is acknowledged twice.
    ledger.openings.sort();
    ledger.openings.dedup();
    for opening in &ledger.openings {
        if !stored.openings.remove(opening) {
            return Err(format!("lost: the opening of team and region {opening:?}").into());
        }
    }
    if let Some(Operation::OpenRegion { team, region }) = in_flight {
        let opening = (ledger.teams[*team].id.clone(), ledger.regions[*region].id.clone());
        if stored.openings.remove(&opening) {
            ledger.openings.push(opening);
            return Ok(1);
        }
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "tls-0-1";

    /// A client that was told of edit 3 of its only region, and waits for edit 4.
    fn ledger() -> Ledger {
        let region = Region { id: "id".to_owned(), name: NAME.to_owned(), serial: 3 };
        let mut ledger = Ledger::new(0);
        ledger.regions.push(region);
        ledger.in_flight = Some(Operation::EditRegion { region: 0, serial: 4 });
        ledger
    }

    fn checked(fields: Option<Fields>) -> Result<u32, String> {
        let fields = fields.map(|fields| (NAME.to_owned(), ("id".to_owned(), fields)));
        let stored = Stored { regions: fields.into_iter().collect(), ..Stored::default() };
        check(&mut [ledger()], stored).map_err(|error| error.to_string())
    }

    #[test]
    fn the_last_edit_or_the_one_in_flight_is_there() {
        assert_eq!(checked(Some(texts::region(NAME, 3))), Ok(0));
        assert_eq!(checked(Some(texts::region(NAME, 4))), Ok(1));
    }

    #[test]
    fn what_was_acknowledged_and_is_not_there_is_lost() {
        let lost = "lost: edit 3 of tls-0-1, which is at 2";
        assert_eq!(checked(Some(texts::region(NAME, 2))), Err(lost.to_owned()));
        assert_eq!(checked(None), Err("lost: the region tls-0-1".to_owned()));
    }

    #[test]
    fn half_an_edit_is_torn() {
        let mut half = texts::region(NAME, 4);
        half.insert("key_file", texts::region(NAME, 3)["key_file"].clone());
        let error = checked(Some(half)).expect_err("torn");
        assert!(error.starts_with("torn: the region tls-0-1 at edit 4:\n  key_file"), "{error}");
    }

    #[test]
    fn what_nobody_wrote_is_found() {
        let region = ("id".to_owned(), texts::region("tls-0-2", 0));
        let regions = [("tls-0-2".to_owned(), region)].into();
        let error = check(&mut [Ledger::new(0)], Stored { regions, ..Stored::default() });
        let error = error.expect_err("a stranger").to_string();
        assert_eq!(error, "nobody wrote these: [\"tls-0-2\"] {}");
    }
}
