//! The flags, each with its environment variable. They are text here and checked in the module
//! above, so that every complaint is one line of the same form.

use clap::Args;

use super::door::DoorOptions;
use super::results::ResultsOptions;

/// Options of every command that opens the register.
#[derive(Debug, Clone, Default, Args)]
pub struct DatabaseOptions {
    /// The database: `sqlite:<path>` or `postgres://user@host/name`
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true)]
    pub database_url: Option<String>,
    /// A file that holds the database URL
    #[arg(long, env = "DATABASE_URL_FILE", global = true)]
    pub database_url_file: Option<String>,
    /// The folder of the embedded database and of the first token [default: cadastre-data]
    #[arg(long, env = "CADASTRE_DATA_DIR", global = true)]
    pub data_dir: Option<String>,
    /// The file of the master keys, with which secrets are sealed [default: master.key in the data
    /// folder]; made at the first start
    #[arg(long, env = "CADASTRE_MASTER_KEY_FILE", global = true)]
    pub master_key_file: Option<String>,
    /// The first token of an empty register, of 20 characters or more; made if not given
    #[arg(long, env = "CADASTRE_ADMIN_TOKEN", hide_env_values = true, global = true)]
    pub admin_token: Option<String>,
    /// A file that holds the first token
    #[arg(long, env = "CADASTRE_ADMIN_TOKEN_FILE", global = true)]
    pub admin_token_file: Option<String>,
}

/// Options of `serve`.
#[derive(Debug, Clone, Default, Args)]
pub struct ServeOptions {
    /// The database.
    #[command(flatten)]
    pub database: DatabaseOptions,
    /// The door.
    #[command(flatten)]
    pub door: DoorOptions,
    /// Results.
    #[command(flatten)]
    pub results: ResultsOptions,
    /// Where to listen [default: 127.0.0.1:8080]
    #[arg(long, env = "CADASTRE_LISTEN")]
    pub listen: Option<String>,
    /// The URL under which nodes reach this service [default: the listen address]
    #[arg(long, env = "CADASTRE_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Whether the APIs of regions are called when regions are added and opened: on or off
    #[arg(long, env = "CADASTRE_CLUSTER_CALLS")]
    pub cluster_calls: Option<String>,
    /// Networks in which clusters may stand although calls are refused there otherwise, as on loopback,
    /// separated by commas
    #[arg(long, env = "CADASTRE_CLUSTER_ALLOW")]
    pub cluster_allow: Option<String>,
    /// Networks to which webhooks may lead although they are not public, separated by commas
    #[arg(long, env = "CADASTRE_WEBHOOK_ALLOW")]
    pub webhook_allow: Option<String>,
    /// The oldest version of an agent that is wanted; older ones raise an alarm
    #[arg(long, env = "CADASTRE_OLDEST_AGENT")]
    pub oldest_agent: Option<String>,
    /// Threads that serve requests [default: one per core]
    #[arg(long, env = "CADASTRE_WORKERS")]
    pub workers: Option<String>,
    /// Lists of one enterprise that the database reads at once [default: one per core, at least 2]
    #[arg(long, env = "CADASTRE_READ_CONNECTIONS")]
    pub read_connections: Option<String>,
    /// Writers that may wait before others are told to come again [default: 1024]
    #[arg(long, env = "CADASTRE_WRITE_QUEUE")]
    pub write_queue: Option<String>,
    /// Requests a minute for one key of the dialing interface; 0 is without limit
    #[arg(long, env = "CADASTRE_DIALING_KEY_LIMIT")]
    pub dialing_key_limit: Option<String>,
    /// Requests a minute for one workspace of the dialing interface; 0 is without limit
    #[arg(long, env = "CADASTRE_DIALING_WORKSPACE_LIMIT")]
    pub dialing_workspace_limit: Option<String>,
    /// The status that a wrong key gets on the dialing interface: 403 or 401
    #[arg(long, env = "CADASTRE_DIALING_WRONG_KEY_STATUS")]
    pub dialing_wrong_key_status: Option<String>,
}
