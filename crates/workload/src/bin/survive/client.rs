//! A client that writes as fast as it can until the server is gone.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::Outcome;
use crate::api::{Api, Failure};
use crate::ledger::{Ledger, Operation};

/// Writes until the connection breaks. That may happen once `killed` is set, and not before.
pub fn work(ledger: &mut Ledger, api: &Api, killed: &AtomicBool) -> Outcome {
    loop {
        let operation = ledger.choose();
        ledger.in_flight = Some(operation.clone());
        match perform(ledger, api, operation) {
            Ok(()) => {
                ledger.in_flight = None;
                ledger.acknowledged += 1;
            }
            Err(Failure::Broken(_)) if killed.load(Ordering::SeqCst) => return Ok(()),
            Err(failure) => {
                // The others write on; the main thread hears of this when they have ended.
                return Err(failure.into());
            }
        }
    }
}

/// Does one thing and, when it is acknowledged, enters it.
pub fn perform(ledger: &mut Ledger, api: &Api, operation: Operation) -> Result<(), Failure> {
    match operation {
        Operation::CreateRegion { name, serial } => {
            ledger.regions.push(api.create_region(&name, serial)?);
        }
        Operation::EditRegion { region, serial } => {
            let region = &mut ledger.regions[region];
            api.edit_region(region, serial)?;
            region.serial = serial;
        }
        Operation::RegisterNode { keycode } => ledger.nodes.push(api.register_node(&keycode)?),
        Operation::CreateTeam { alias } => ledger.teams.push(api.create_team(&alias)?),
        Operation::OpenRegion { team, region } => {
            let (team, region) = (&ledger.teams[team], &ledger.regions[region]);
            api.open_region(&team.id, &region.name)?;
            ledger.openings.push((team.id.clone(), region.id.clone()));
        }
    }
    Ok(())
}
