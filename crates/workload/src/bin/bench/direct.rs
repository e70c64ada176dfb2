//! Creating regions without HTTP, through the write queue and without it: a lone writer must not
//! pay for the queue.

mod postgres;
mod sqlite;

use std::sync::Arc;
use std::time::{Duration, Instant};

use cadastre_domain::region::{Credentials, RegionDetail};
use cadastre_domain::secret::Secret;
use cadastre_storage::{Place, Settings, StorageError, Store, Vault};
use cadastre_testkit::{TestDatabase, interrupt, sample};
use diesel::prelude::*;

use crate::Outcome;
use crate::region::Material;
use crate::site::Kind;

/// How many regions are created one way before the other has its turn. A prime, so that it does
/// not keep step with anything that the database does now and then.
const TURN: u32 = 23;

/// One writer with two ways to write, on a database of its own.
pub struct Direct {
    store: Store,
    plain: Plain,
    vault: Arc<dyn Vault>,
    material: Material,
    created: u64,
    _database: TestDatabase,
}

enum Plain {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// The secrets of a region, sealed.
struct Sealed {
    token: Option<Vec<u8>>,
    key: Option<Vec<u8>>,
}

/// Regions a second, both ways.
pub struct Rates {
    pub with_queue: f64,
    pub without_queue: f64,
}

impl Direct {
    /// On a fresh database of this kind.
    pub fn new(kind: Kind) -> Outcome<Self> {
        let database = kind.database();
        let url = database.url();
        let store = Store::new(&Settings {
            url: url.parse()?,
            readers: 2,
            write_queue: 1024,
            vault: database.vault(),
        });
        store.prepare(sample::time(), |tx| tx.insert_enterprise(&sample::enterprise()))?;
        let plain = match kind {
            Kind::Sqlite => Plain::Sqlite(sqlite::connect(url)?),
            Kind::Postgres => Plain::Postgres(PgConnection::establish(url)?),
        };
        let (vault, material) = (database.vault(), Material::random());
        Ok(Self { store, plain, vault, material, created: 0, _database: database })
    }

    /// Creates regions, in turns, for so many seconds each way.
    pub fn rates(&mut self, seconds: u32) -> Outcome<Rates> {
        interrupt::check()?;
        let limit = Duration::from_secs(seconds.into()) * 2;
        let (mut with_queue, mut without_queue) = (Duration::ZERO, Duration::ZERO);
        let mut commits = 0;
        while with_queue + without_queue < limit {
            with_queue += self.turn(Self::through_the_queue)?;
            without_queue += self.turn(Self::past_the_queue)?;
            commits += TURN;
        }
        let rate = |time: Duration| f64::from(commits) / time.as_secs_f64();
        Ok(Rates { with_queue: rate(with_queue), without_queue: rate(without_queue) })
    }

    fn turn(&mut self, create: fn(&mut Self, RegionDetail) -> Outcome) -> Outcome<Duration> {
        // That they are in order is checked before either way begins.
        let regions = (0..TURN).map(|_| self.region()).collect::<Outcome<Vec<_>>>()?;
        let start = Instant::now();
        for region in regions {
            create(self, region)?;
        }
        Ok(start.elapsed())
    }

    fn region(&mut self) -> Outcome<RegionDetail> {
        self.created += 1;
        let draft = self.material.draft(&format!("12345678-00-{:08}", self.created));
        Ok(draft.register(sample::hex(self.created), sample::enterprise().id, sample::time())?)
    }

    fn through_the_queue(&mut self, region: RegionDetail) -> Outcome {
        let created: Result<(), StorageError> =
            self.store.write(move |tx| tx.insert_region(&region, sample::changed_by()));
        Ok(created?)
    }

    #[expect(clippy::needless_pass_by_value, reason = "the same signature as the other way")]
    fn past_the_queue(&mut self, region: RegionDetail) -> Outcome {
        let (key, id) = (self.vault.first_key()?, region.region.id.to_string());
        let seal = |column, secret: &Option<Secret>| {
            let place = Place { table: "region_credentials", row: &id, column };
            let plain = secret.as_ref().map(|secret| secret.reveal().as_bytes());
            plain.map(|plain| self.vault.seal(&key, place, plain)).transpose()
        };
        let Credentials { token, key: private, .. } = &region.credentials;
        let sealed = Sealed { token: seal("token", token)?, key: seal("key", private)? };
        match &mut self.plain {
            Plain::Sqlite(conn) => sqlite::create(conn, &region, &sealed)?,
            Plain::Postgres(conn) => postgres::create(conn, &region, &sealed)?,
        }
        Ok(())
    }
}
