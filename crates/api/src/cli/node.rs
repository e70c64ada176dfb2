//! `cadastre node …`

mod toml;

use cadastre_domain::id::NodeId;
use cadastre_domain::node::{AccessKeyId, Node};
use cadastre_storage::{NodeFilter, Store};
use clap::{Args, Subcommand};

use super::{CommandError, actor, argument, write};
use crate::clock::Clock;
use crate::config::public_url;
use crate::error::{Error, Thing};
use crate::service::nodes::setup::setup;

/// How many nodes are read at once.
const PAGE: usize = 1000;

/// What to do with nodes.
#[derive(Debug, Subcommand)]
pub(super) enum NodeCommand {
    /// Print what a `DataKit` needs to be the agent of a node: TOML, with a secret in it
    Config(Config),
    /// List the nodes
    List,
}

#[derive(Debug, Args)]
pub(super) struct Config {
    /// The id of the node, as listed
    id: String,
    /// The access key to print [default: the newest of those that are valid]
    #[arg(long, value_name = "AK")]
    key: Option<String>,
    /// How often the agent asks for tasks, from 10s to 24h
    #[arg(long, default_value = "1m")]
    pull_interval: String,
    /// The URL under which nodes reach the server [default: the address that it listens on]
    #[arg(long, env = "CADASTRE_PUBLIC_URL")]
    public_url: Option<String>,
    /// Where the server listens [default: 127.0.0.1:8080]
    #[arg(long, env = "CADASTRE_LISTEN")]
    listen: Option<String>,
    /// The certificate of the server, if it speaks TLS itself
    #[arg(long, env = "CADASTRE_TLS_CERT")]
    tls_cert: Option<String>,
}

pub(super) fn run(store: &Store, command: NodeCommand) -> Result<(), CommandError> {
    match command {
        NodeCommand::Config(arguments) => config(store, arguments),
        NodeCommand::List => list(store),
    }
}

fn config(store: &Store, arguments: Config) -> Result<(), CommandError> {
    let has_tls = arguments.tls_cert.is_some_and(|path| !path.is_empty());
    let server = public_url(arguments.public_url, arguments.listen, has_tls)?;
    let interval = argument("--pull-interval", &arguments.pull_interval, toml::interval)?;
    let id: NodeId = argument("ID", &arguments.id, str::parse)?;
    let key = arguments.key.as_deref();
    let key = key.map(|key| argument("--key", key, |key| AccessKeyId::try_from(key.to_owned())));
    let (key, now) = (key.transpose()?, Clock::System.now());
    let shown =
        write(store, move |tx| setup(tx, &actor("print_node_config"), (&id, key.as_ref()), now));
    let shown = shown.map_err(|error| match error {
        Error::NotFound(Thing::Node) => CommandError::Refused(format!(
            "there is no such node as {}; `cadastre node list` shows them",
            arguments.id
        )),
        Error::NotFound(Thing::NodeKey) => CommandError::Refused(match &arguments.key {
            Some(key) => format!("the node has no valid key {key}"),
            None => "the node has no valid key; make one first".to_owned(),
        }),
        error => error.into(),
    })?;
    print!("{}", toml::of(&shown, &server, &interval));
    Ok(())
}

fn list(store: &Store) -> Result<(), CommandError> {
    println!("ID\tKEYCODE\tNAME\tCOUNTRY\tCITY\tISP\tENTERPRISE\tSTATE");
    let mut filter = NodeFilter::default();
    loop {
        let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
        let nodes = store.read(|tx| Ok::<_, Error>(tx.list_some_nodes(&filter, limit)?))?;
        for node in &nodes {
            println!("{}", line(node));
        }
        match nodes.last() {
            Some(last) if nodes.len() == PAGE => filter.after = Some(last.id.clone()),
            _ => return Ok(()),
        }
    }
}

fn line(node: &Node) -> String {
    let profile = &node.profile;
    [
        node.id.as_ref(),
        profile.keycode.as_ref(),
        profile.name.as_ref(),
        profile.country.as_ref(),
        profile.city.as_ref(),
        profile.isp.as_ref(),
        &node.enterprise_id.to_string(),
        if node.is_enabled { "enabled" } else { "disabled" },
    ]
    .join("\t")
}
