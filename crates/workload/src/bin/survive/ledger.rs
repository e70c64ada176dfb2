//! What one client was told is done, and what it was waiting for when the server was killed.

use rand::random_range;

use crate::texts::{CLOSED, ENABLED};

/// Everything that one client has written, over all cycles.
#[derive(Debug, Default)]
pub struct Ledger {
    /// The number of the client, part of all its names.
    pub client: usize,
    /// Its regions.
    pub regions: Vec<Region>,
    /// Its nodes.
    pub nodes: Vec<Node>,
    /// Its teams.
    pub teams: Vec<Team>,
    /// Which of its teams has opened which of its regions, by identifier.
    pub openings: Vec<(String, String)>,
    /// What was sent and not answered yet.
    pub in_flight: Option<Operation>,
    /// How many writes were acknowledged.
    pub acknowledged: u64,
    /// Counts the names that were given.
    names: u32,
}

/// A region as far as it is acknowledged.
#[derive(Debug)]
pub struct Region {
    pub id: String,
    pub name: String,
    /// The number of its last edit.
    pub serial: u32,
}

/// A node with its key pair.
#[derive(Debug, PartialEq, Eq)]
pub struct Node {
    pub keycode: String,
    pub id: String,
    pub key_id: String,
    pub secret: String,
}

/// A team.
#[derive(Debug)]
pub struct Team {
    pub id: String,
    pub alias: String,
}

/// One write; regions and teams are told by their place in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    CreateRegion { name: String, serial: u32 },
    EditRegion { region: usize, serial: u32 },
    RegisterNode { keycode: String },
    CreateTeam { alias: String },
    OpenRegion { team: usize, region: usize },
}

impl Ledger {
    /// The empty ledger of this client.
    pub fn new(client: usize) -> Self {
        Self { client, ..Self::default() }
    }

    /// Something to do next, at random.
    pub fn choose(&mut self) -> Operation {
        match random_range(0..100) {
            0..25 => self.edit(),
            25..40 => Operation::RegisterNode { keycode: self.name("node") },
            40..50 => self.create(ENABLED),
            50..55 => Operation::CreateTeam { alias: self.name("team") },
            55..65 => self.open(),
            _ => self.create(CLOSED),
        }
    }

    fn create(&mut self, kind: &str) -> Operation {
        Operation::CreateRegion { name: self.name(kind), serial: random_range(0..2) }
    }

    fn edit(&mut self) -> Operation {
        if self.regions.is_empty() {
            return self.create(CLOSED);
        }
        let region = random_range(0..self.regions.len());
        Operation::EditRegion { region, serial: self.regions[region].serial + 1 }
    }

    fn open(&mut self) -> Operation {
        let enabled = |region: &usize| self.regions[*region].name.starts_with(ENABLED);
        let enabled: Vec<usize> = (0..self.regions.len()).filter(enabled).collect();
        if self.teams.is_empty() {
            Operation::CreateTeam { alias: self.name("team") }
        } else if enabled.is_empty() {
            self.create(ENABLED)
        } else {
            let region = enabled[random_range(0..enabled.len())];
            Operation::OpenRegion { team: random_range(0..self.teams.len()), region }
        }
    }

    fn name(&mut self, kind: &str) -> String {
        self.names += 1;
        format!("{kind}-{}-{}", self.client, self.names)
    }
}
