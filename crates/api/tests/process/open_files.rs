//! The limit of the system on open files, of which every connection is one.

use std::net::TcpStream;

use crate::support::{Place, Server};

/// A server that was started where so many files may be open, as `ulimit` takes it.
fn start(place: &Place, limit: &str) -> Server {
    let program = env!("CARGO_BIN_EXE_cadastre");
    let line = format!("ulimit {limit} && exec '{program}'");
    Server::start(place.command("sh").args(["-c", &line])).until_ready()
}

fn silent(server: &Server, number: usize) -> Vec<TcpStream> {
    (0..number).map(|_| server.connect()).collect()
}

#[test]
fn a_limit_that_can_be_raised_is_no_limit() {
    let place = Place::empty().with("CADASTRE_HEADER_TIMEOUT", "3600");
    let server = start(&place, "-Sn 64");
    let silent = silent(&server, 200);
    assert_eq!(server.list_status(&place.first_token()), 200);
    let log = server.stop().stderr;
    assert!(!log.contains("ERROR") && !log.contains("CADASTRE_MAX_CONNECTIONS"), "{log}");
    drop(silent);
}

#[test]
fn where_there_are_few_files_connections_make_room_and_the_database_is_reached() {
    let place = Place::empty().with("CADASTRE_HEADER_TIMEOUT", "1").with("CADASTRE_WORKERS", "1");
    let server = start(&place, "-n 100");
    let silent = silent(&server, 150);
    assert_eq!(server.list_status(&place.first_token()), 200);
    let log = server.stop().stderr;
    let warnings: Vec<_> = log.lines().filter(|line| line.contains(" WARN ")).collect();
    assert_eq!(warnings.len(), 1, "{log}");
    let told = "CADASTRE_MAX_CONNECTIONS is 10000, but the system allows 100 open files";
    assert!(warnings[0].contains(told), "{log}");
    assert!(!log.contains("ERROR"), "{log}");
    drop(silent);
}
