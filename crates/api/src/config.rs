//! Settings: from flags and the environment into one checked struct.

mod door;
mod options;
mod parse;
mod results;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;

use cadastre_domain::alarm::AgentVersion;
use cadastre_domain::outbound::Allowed;
use cadastre_domain::secret::Secret;
use cadastre_domain::token::SHORTEST_CHOSEN_TOKEN;
use cadastre_storage::{DatabaseUrl, Keyring, Settings};

pub use door::{DoorConfig, DoorOptions};
pub use options::{DatabaseOptions, ServeOptions};
pub use parse::ConfigError;
use parse::{Setting, secret};
pub use results::{ResultsConfig, ResultsOptions};

/// Where the database is, and what is kept beside it.
#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    /// The database.
    pub url: DatabaseUrl,
    /// The folder of the first token.
    pub data_dir: PathBuf,
    /// The file of the master keys.
    pub master_key_file: PathBuf,
    /// The first token, when an operator chose it.
    pub admin_token: Option<Secret>,
    /// The file that the first token was read from.
    pub admin_token_file: Option<PathBuf>,
}

/// The server library refuses to start more.
const MOST_WORKERS: usize = 512;

/// Everything that the server is told.
#[derive(Debug, Clone)]
pub struct Config {
    /// The database.
    pub database: DatabaseConfig,
    /// How clients come in.
    pub door: DoorConfig,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The URL under which nodes reach this service.
    pub public_url: String,
    /// Whether the clusters of regions are called.
    pub cluster_calls: bool,
    /// Networks in which clusters may stand although calls are refused there otherwise.
    pub cluster_allow: Allowed,
    /// Networks to which webhooks may lead although they are not public.
    pub webhook_allow: Allowed,
    /// The oldest version of an agent that is wanted, if any is too old.
    pub oldest_agent: Option<AgentVersion>,
    /// Threads that serve requests.
    pub workers: usize,
    /// How many lists of one enterprise the database reads at once.
    pub readers: u32,
    /// Writers that may wait.
    pub write_queue: usize,
    /// How long results are kept, and how much of them.
    pub results: ResultsConfig,
    /// Requests a minute for one key of the dialing face, if limited.
    pub key_limit: Option<NonZeroU32>,
    /// Requests a minute for one workspace of the dialing face, if limited.
    pub workspace_limit: Option<NonZeroU32>,
    /// The status for a wrong key on the dialing face.
    pub wrong_key_status: u16,
}

impl DatabaseConfig {
    /// Checks the options.
    ///
    /// # Errors
    /// The first that is wrong.
    pub fn new(options: DatabaseOptions) -> Result<Self, ConfigError> {
        let given = |text: Option<String>| text.filter(|text| !text.is_empty()).map(PathBuf::from);
        let data_dir = given(options.data_dir).unwrap_or_else(|| "cadastre-data".into());
        let master_key_file =
            given(options.master_key_file).unwrap_or_else(|| data_dir.join("master.key"));
        let url = secret("DATABASE_URL", options.database_url, options.database_url_file)?
            .unwrap_or_else(|| format!("sqlite:{}", data_dir.join("cadastre.db").display()).into());
        let url = url.reveal().parse().map_err(|error| {
            ConfigError::secret(
                "DATABASE_URL",
                &format!("{error}, as sqlite:<path> or postgres://user@host/name"),
            )
        })?;
        let admin_token_file = given(options.admin_token_file.clone());
        let admin_token =
            secret("CADASTRE_ADMIN_TOKEN", options.admin_token, options.admin_token_file)?;
        if admin_token.as_ref().is_some_and(|token| !is_header_text(token.reveal())) {
            let wanted = format!(
                "it must have {SHORTEST_CHOSEN_TOKEN} or more visible ASCII characters, so that it cannot be guessed and fits into a header"
            );
            return Err(ConfigError::secret("CADASTRE_ADMIN_TOKEN", &wanted));
        }
        Ok(Self { url, data_dir, master_key_file, admin_token, admin_token_file })
    }

    /// Settings of a store on this database.
    #[must_use]
    pub fn store(&self, readers: u32, write_queue: usize) -> Settings {
        let vault = Arc::new(Keyring::new(self.master_key_file.clone()));
        Settings { url: self.url.clone(), readers, write_queue, vault }
    }
}

fn is_header_text(token: &str) -> bool {
    token.len() >= SHORTEST_CHOSEN_TOKEN && token.bytes().all(|c| c.is_ascii_graphic())
}

fn workers(options: &ServeOptions, cores: usize) -> Result<usize, ConfigError> {
    let setting = Setting::new("CADASTRE_WORKERS", options.workers.clone());
    setting.number(cores.min(MOST_WORKERS), 1, MOST_WORKERS)
}

fn networks(name: &'static str, text: Option<String>) -> Result<Allowed, ConfigError> {
    let setting = Setting::new(name, text);
    let networks = setting.text().unwrap_or_default().split(',').map(str::trim);
    let given = setting.text().is_some();
    Allowed::new(networks.filter(|_| given))
        .map_err(|_| setting.refuse("give networks, as 10.20.0.0/16 or 192.0.2.7"))
}

/// The version of DataKit whose ways the dialing contract describes.
const OLDEST_AGENT: &str = "1.84.1";

fn oldest_agent(text: Option<String>) -> Result<Option<AgentVersion>, ConfigError> {
    let setting = Setting::new("CADASTRE_OLDEST_AGENT", text);
    match setting.text().unwrap_or(OLDEST_AGENT) {
        "off" => Ok(None),
        version => {
            let version =
                version.parse().map_err(|_| setting.refuse("give a version, as 1.84.1, or off"));
            version.map(Some)
        }
    }
}

impl Config {
    /// Checks the options.
    ///
    /// # Errors
    /// The first that is wrong.
    pub fn new(options: ServeOptions) -> Result<Self, ConfigError> {
        let setting = |name, value: &Option<String>| Setting::new(name, value.clone());
        let limit = |name, value: &Option<String>| {
            setting(name, value).number(0, 0, 1_000_000).map(NonZeroU32::new)
        };
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let readers = u32::try_from(cores.clamp(2, 64)).unwrap_or(2);
        let listen = setting("CADASTRE_LISTEN", &options.listen).address("127.0.0.1:8080")?;
        let door = DoorConfig::new(&options.door)?;
        Ok(Self {
            workers: workers(&options, cores)?,
            database: DatabaseConfig::new(options.database)?,
            listen,
            public_url: setting("CADASTRE_PUBLIC_URL", &options.public_url)
                .url(base(&door, listen))?,
            cluster_calls: setting("CADASTRE_CLUSTER_CALLS", &options.cluster_calls)
                .one_of(&[("off", false), ("on", true)])?,
            cluster_allow: networks("CADASTRE_CLUSTER_ALLOW", options.cluster_allow)?,
            webhook_allow: networks("CADASTRE_WEBHOOK_ALLOW", options.webhook_allow)?,
            oldest_agent: oldest_agent(options.oldest_agent)?,
            readers: setting("CADASTRE_READ_CONNECTIONS", &options.read_connections)
                .number(readers, 1, 1024)?,
            write_queue: setting("CADASTRE_WRITE_QUEUE", &options.write_queue)
                .number(1024, 1, 1_000_000)?,
            results: ResultsConfig::new(&options.results)?,
            key_limit: limit("CADASTRE_DIALING_KEY_LIMIT", &options.dialing_key_limit)?,
            workspace_limit: limit(
                "CADASTRE_DIALING_WORKSPACE_LIMIT",
                &options.dialing_workspace_limit,
            )?,
            wrong_key_status: setting(
                "CADASTRE_DIALING_WRONG_KEY_STATUS",
                &options.dialing_wrong_key_status,
            )
            .one_of(&[("403", 403), ("401", 401)])?,
            door,
        })
    }

    /// The same settings once the listener is there: the system chooses the port when it was to be
    /// port 0.
    #[must_use]
    pub fn listening_on(&self, address: SocketAddr) -> Self {
        let by_default = self.public_url == base(&self.door, self.listen);
        let public_url =
            if by_default { base(&self.door, address) } else { self.public_url.clone() };
        Self { listen: address, public_url, ..self.clone() }
    }
}

/// The URL of a listener, as this machine reaches it.
fn base(door: &DoorConfig, listen: SocketAddr) -> String {
    format!("{}://{}", door.scheme(), reachable(listen))
}

/// The URL under which nodes reach a server with these settings, for those who do not serve.
///
/// # Errors
/// The setting that is wrong; that the port is not known before the server listens.
pub fn public_url(
    given: Option<String>,
    listen: Option<String>,
    has_tls: bool,
) -> Result<String, ConfigError> {
    let listen = Setting::new("CADASTRE_LISTEN", listen).address("127.0.0.1:8080")?;
    let given = Setting::new("CADASTRE_PUBLIC_URL", given);
    if given.text().is_none() && listen.port() == 0 {
        return Err(ConfigError::told(
            &"CADASTRE_PUBLIC_URL is not given, and CADASTRE_LISTEN leaves the port to the system",
        ));
    }
    let scheme = if has_tls { "https" } else { "http" };
    given.url(format!("{scheme}://{}", reachable(listen)))
}

/// The address under which this machine reaches a listener.
#[must_use]
pub fn reachable(listen: SocketAddr) -> SocketAddr {
    let mut address = listen;
    if listen.ip().is_unspecified() {
        address.set_ip(match listen {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

#[cfg(test)]
mod tests;
