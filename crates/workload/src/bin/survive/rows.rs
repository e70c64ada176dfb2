//! What is in the database, read without the register's own queries; only its keyring is used, to
//! open what is sealed.

use std::collections::{BTreeMap, HashMap, HashSet};

use cadastre_storage::{KeyId, Keyring, Place, Vault as _};
use diesel::connection::SimpleConnection as _;
use diesel::deserialize::QueryableByName;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Binary, Nullable, Text};
use diesel::sqlite::Sqlite;

use crate::Outcome;
use crate::ledger::Node;
use crate::texts::Fields;

/// A connection that looks.
pub enum Reader {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// The content of the tables.
#[derive(Debug, Default)]
pub struct Stored {
    /// Identifier and fields of each region, by name.
    pub regions: HashMap<String, (String, Fields)>,
    /// Each node and its fields, by keycode.
    pub nodes: HashMap<String, (Node, Fields)>,
    /// The identifier of each team, by alias.
    pub teams: HashMap<String, String>,
    /// Team and region of each opening.
    pub openings: HashSet<(String, String)>,
}

const REGIONS: &str = "\
    SELECT regions.id, name, alias, api_url, websocket_url, http_domain, tcp_address, description, scope, \
           CASE status WHEN 'editing' THEN '0' WHEN 'enabled' THEN '1' WHEN 'disabled' THEN '2' \
                       ELSE '3' END AS status, \
           token, ca, certificate, key, key_id AS master_key, \
           region_credentials.id AS credentials_row \
    FROM regions LEFT JOIN region_credentials ON region_credentials.id = credentials_id";

const NODES: &str = "\
    SELECT nodes.id, isp, country, province, city, name, company, keycode, \
           node_keys.id AS key_id, secret, node_keys.key_id AS master_key \
    FROM nodes LEFT JOIN node_keys ON node_id = nodes.id";

/// The team that comes with the first region was asked for by nobody, nor was what it opens.
const TEAMS: &str = "SELECT id AS one, alias AS two FROM teams WHERE name <> 'default'";

const OPENINGS: &str = "\
    SELECT team_id AS one, region_id AS two FROM openings \
    WHERE team_id NOT IN (SELECT id FROM teams WHERE name = 'default')";

/// Rows that refer to nothing, or that there should be only one of.
const STRAYS: &str = "\
    SELECT 'credentials without a region' AS one, region_id AS two FROM region_credentials \
        WHERE region_id NOT IN (SELECT id FROM regions) \
    UNION ALL SELECT 'a key without a node', id FROM node_keys \
        WHERE node_id NOT IN (SELECT id FROM nodes) \
    UNION ALL SELECT 'a second key of a node', min(node_id) FROM node_keys \
        GROUP BY node_id HAVING count(*) > 1 \
    UNION ALL SELECT 'an opening without a team', team_id FROM openings \
        WHERE team_id NOT IN (SELECT id FROM teams) \
    UNION ALL SELECT 'an opening without a region', region_id FROM openings \
        WHERE region_id NOT IN (SELECT id FROM regions) \
    UNION ALL SELECT 'a region without its audit entry', id FROM regions \
        WHERE id NOT IN (SELECT object_id FROM audit_entries WHERE object_kind = 'region') \
    UNION ALL SELECT 'a team without its audit entry', id FROM teams \
        WHERE id NOT IN (SELECT object_id FROM audit_entries WHERE object_kind = 'team') \
    UNION ALL SELECT 'a node without its audit entry', id FROM nodes \
        WHERE id NOT IN (SELECT object_id FROM audit_entries WHERE object_kind = 'node') \
    UNION ALL SELECT 'an opening without its audit entry', team_id FROM openings \
        WHERE team_id || '/' || region_id NOT IN \
            (SELECT object_id FROM audit_entries WHERE object_kind = 'opening') \
    UNION ALL SELECT 'a gap in the audit entries', 'at the end' FROM register \
        WHERE audit_sequence - archived_sequence <> \
            (SELECT count(*) FROM audit_entries WHERE sequence > archived_sequence)";

/// What SQLite says about its own file.
const SELF_CHECK: &str = "\
    SELECT 'integrity_check' AS one, integrity_check AS two FROM pragma_integrity_check \
        WHERE integrity_check <> 'ok' \
    UNION ALL SELECT 'foreign_key_check', \"table\" || ' ' || rowid FROM pragma_foreign_key_check";

#[derive(QueryableByName)]
#[diesel(check_for_backend(Pg, Sqlite))]
struct Pair {
    #[diesel(sql_type = Text)]
    one: String,
    #[diesel(sql_type = Nullable<Text>)]
    two: Option<String>,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(Pg, Sqlite))]
struct RegionRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    alias: String,
    #[diesel(sql_type = Text)]
    api_url: String,
    #[diesel(sql_type = Text)]
    websocket_url: String,
    #[diesel(sql_type = Text)]
    http_domain: String,
    #[diesel(sql_type = Text)]
    tcp_address: String,
    #[diesel(sql_type = Text)]
    description: String,
    #[diesel(sql_type = Text)]
    scope: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Nullable<Binary>)]
    token: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Text>)]
    ca: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    certificate: Option<String>,
    #[diesel(sql_type = Nullable<Binary>)]
    key: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Text>)]
    master_key: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    credentials_row: Option<String>,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(Pg, Sqlite))]
struct NodeRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    isp: String,
    #[diesel(sql_type = Text)]
    country: String,
    #[diesel(sql_type = Text)]
    province: String,
    #[diesel(sql_type = Text)]
    city: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    company: String,
    #[diesel(sql_type = Text)]
    keycode: String,
    #[diesel(sql_type = Nullable<Text>)]
    key_id: Option<String>,
    #[diesel(sql_type = Nullable<Binary>)]
    secret: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Text>)]
    master_key: Option<String>,
}

impl Reader {
    /// Connects to the database of this URL.
    pub fn connect(url: &str) -> Outcome<Self> {
        let Some(file) = url.strip_prefix("sqlite:") else {
            return Ok(Self::Postgres(PgConnection::establish(url)?));
        };
        let mut conn = SqliteConnection::establish(file)?;
        conn.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA query_only = ON")?;
        Ok(Self::Sqlite(conn))
    }

    /// Reads everything; an error tells of rows that cannot be right on their own.
    pub fn read(&mut self, keyring: &Keyring) -> Outcome<Stored> {
        let mut strays: Vec<Pair> = self.load(STRAYS)?;
        if matches!(self, Self::Sqlite(_)) {
            strays.extend(self.load(SELF_CHECK)?);
        }
        if let Some(Pair { one, two }) = strays.into_iter().next() {
            return Err(format!("torn: {one}: {}", two.unwrap_or_default()).into());
        }
        let pairs =
            |pairs: Vec<Pair>| pairs.into_iter().map(|p| (p.one, p.two.unwrap_or_default()));
        Ok(Stored {
            regions: self
                .load(REGIONS)?
                .into_iter()
                .map(|row| region(row, keyring))
                .collect::<Outcome<_>>()?,
            nodes: self
                .load(NODES)?
                .into_iter()
                .map(|row| node(row, keyring))
                .collect::<Outcome<_>>()?,
            teams: pairs(self.load(TEAMS)?).map(|(id, alias)| (alias, id)).collect(),
            openings: pairs(self.load(OPENINGS)?).collect(),
        })
    }

    fn load<T>(&mut self, sql: &str) -> QueryResult<Vec<T>>
    where
        T: QueryableByName<Sqlite> + QueryableByName<Pg> + 'static,
    {
        match self {
            Self::Sqlite(conn) => sql_query(sql).load(conn),
            Self::Postgres(conn) => sql_query(sql).load(conn),
        }
    }
}

/// What was sealed, in clear.
fn open(
    keyring: &Keyring,
    key: Option<&String>,
    place: Place<'_>,
    sealed: Option<&Vec<u8>>,
) -> Outcome<Option<String>> {
    let Some(sealed) = sealed else { return Ok(None) };
    let key = KeyId::try_from(key.cloned().unwrap_or_default())?;
    let plain = keyring.open(&key, place, sealed)?;
    Ok(Some(std::str::from_utf8(&plain)?.to_owned()))
}

fn region(row: RegionRow, keyring: &Keyring) -> Outcome<(String, (String, Fields))> {
    let secret = |column, sealed: &Option<Vec<u8>>| {
        let row_of_set = row.credentials_row.as_deref().unwrap_or_default();
        let place = Place { table: "region_credentials", row: row_of_set, column };
        open(keyring, row.master_key.as_ref(), place, sealed.as_ref())
    };
    let (token, key) = (secret("token", &row.token)?, secret("key", &row.key)?);
    let fields = BTreeMap::from([
        ("region_alias", Some(row.alias)),
        ("url", Some(row.api_url)),
        ("wsurl", Some(row.websocket_url)),
        ("httpdomain", Some(row.http_domain)),
        ("tcpdomain", Some(row.tcp_address)),
        ("status", Some(row.status)),
        ("desc", Some(row.description)),
        ("scope", Some(row.scope)),
        ("token", token),
        ("ssl_ca_cert", row.ca),
        ("cert_file", row.certificate),
        ("key_file", key),
    ]);
    Ok((row.name, (row.id, fields)))
}

fn node(row: NodeRow, keyring: &Keyring) -> Outcome<(String, (Node, Fields))> {
    let key_row = row.key_id.clone().unwrap_or_default();
    let place = Place { table: "node_keys", row: &key_row, column: "secret" };
    let secret = open(keyring, row.master_key.as_ref(), place, row.secret.as_ref())?;
    let (Some(key_id), Some(secret)) = (row.key_id, secret) else {
        return Err(format!("torn: the node {} has no key", row.keycode).into());
    };
    let fields = BTreeMap::from([
        ("isp", Some(row.isp)),
        ("country", Some(row.country)),
        ("province", Some(row.province)),
        ("city", Some(row.city)),
        ("name", Some(row.name)),
        ("company", Some(row.company)),
        ("keycode", Some(row.keycode.clone())),
    ]);
    let node = Node { keycode: row.keycode.clone(), id: row.id, key_id, secret };
    Ok((row.keycode, (node, fields)))
}
