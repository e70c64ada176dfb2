//! Whether connections to PostgreSQL check whom they talk to.

use std::net::IpAddr;

use super::DatabaseUrl;

/// That the register connects to PostgreSQL on another machine without checking its certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "connections to {} do not check the certificate of the server (sslmode is {mode}): somebody on the way can read and change all that is in the database; use sslmode=verify-full",
    hosts.join(", ")
)]
pub struct UncheckedServer {
    /// The machines.
    pub hosts: Vec<String>,
    /// How libpq uses TLS.
    pub mode: &'static str,
}

/// The modes of libpq that check no certificate; `prefer` is the default.
const UNCHECKED: [&str; 4] = ["disable", "allow", "prefer", "require"];

impl DatabaseUrl {
    /// The servers on other machines whose certificates are not checked, if there are any. Loopback and
    /// sockets lead to none. What the URL leaves out, `variable` may tell, as the environment does to
    /// libpq.
    #[must_use]
    pub fn unchecked_server(
        &self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Option<UncheckedServer> {
        let Self::Postgres(url) = self else { return None };
        let rest = url.reveal().split_once("://").map_or("", |(_, rest)| rest);
        let (place, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        let given = |name: &str| {
            let mut pairs = parameters.split('&').filter_map(|pair| pair.split_once('='));
            // Of several, libpq takes the last one.
            pairs.rfind(|(found, _)| *found == name).map(|(_, value)| decoded(value))
        };
        let told = |name: &str, fallback: &str| given(name).or_else(|| variable(fallback));
        let authority = place.split('/').next().unwrap_or_default();
        let named = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
        let named = named.split(',').map(|host| decoded(without_port(host))).collect::<Vec<_>>();
        let named = Some(named.join(",")).filter(|hosts| hosts.chars().any(|c| c != ','));
        // libpq connects to the address if there is one, whatever the name.
        let hosts = told("hostaddr", "PGHOSTADDR").filter(|address| !address.is_empty());
        let hosts = hosts.or_else(|| given("host")).or(named).or_else(|| variable("PGHOST"));
        let hosts = hosts.unwrap_or_default();
        let hosts: Vec<_> =
            hosts.split(',').filter(|host| !is_local(host)).map(str::to_owned).collect();
        let mode = told("sslmode", "PGSSLMODE").filter(|mode| !mode.is_empty());
        // libpq checks everything where the system's authorities are asked for, unless told otherwise.
        let by_system = told("sslrootcert", "PGSSLROOTCERT").as_deref() == Some("system");
        let usual = if by_system { "verify-full" } else { "prefer" };
        let mode = mode.unwrap_or_else(|| usual.to_owned());
        let mode = UNCHECKED.into_iter().find(|unchecked| *unchecked == mode)?;
        (!hosts.is_empty()).then_some(UncheckedServer { hosts, mode })
    }
}

/// Whether the host is this machine, or a socket on it. No host is the usual socket.
fn is_local(host: &str) -> bool {
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    match host.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => {
            host.is_empty()
                || host.starts_with(['/', '@'])
                || name == "localhost"
                || name.ends_with(".localhost")
        }
    }
}

/// A host without its port and without the brackets of an IPv6 address.
fn without_port(host: &str) -> &str {
    match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.split(':').next().unwrap_or_default(),
    }
}

/// The text with its percent-encoded bytes; the URL is known to be well formed.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let code = after.get(..2).and_then(|code| u8::from_str_radix(code, 16).ok());
        bytes.extend(code);
        rest = after.get(2..).unwrap_or_default();
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told of a URL with these variables, `NAME=value` each.
    fn of(url: &str, variables: &[&str]) -> Option<(String, &'static str)> {
        let url: DatabaseUrl = url.parse().expect("a URL");
        let variable = |name: &str| {
            let mut pairs = variables.iter().filter_map(|pair| pair.split_once('='));
            pairs.find(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
        };
        url.unchecked_server(variable).map(|found| (found.hosts.join(","), found.mode))
    }

    #[expect(clippy::unnecessary_wraps, reason = "stands beside `None` in tables")]
    fn told(hosts: &str, mode: &'static str) -> Option<(String, &'static str)> {
        Some((hosts.to_owned(), mode))
    }

    #[test]
    fn a_server_on_another_machine_is_told_unless_its_certificate_is_checked() {
        for (url, expected) in [
            ("postgres://u:p@db.example/n", told("db.example", "prefer")),
            ("postgres://db.example", told("db.example", "prefer")),
            ("postgresql://u@10.0.0.1:5433/n?sslmode=require", told("10.0.0.1", "require")),
            ("postgres://[2001:db8::1]:5432/n?sslmode=disable", told("2001:db8::1", "disable")),
            ("postgres://h/n?sslmode=verify-full&sslmode=allow", told("h", "allow")),
            ("postgres://127.0.0.1,db.example:1,[::1]/n", told("db.example", "prefer")),
            ("postgres:///n?host=db.example", told("db.example", "prefer")),
            ("postgres://localhost/n?host=db.example", told("db.example", "prefer")),
            ("postgres://localhost/n?hostaddr=192.0.2.1", told("192.0.2.1", "prefer")),
            ("postgres://u@postgres/n", told("postgres", "prefer")),
            ("postgres://localhost.example/n", told("localhost.example", "prefer")),
            ("postgres://db.example/n?sslmode=verify-ca", None),
            ("postgres://db.example/n?sslmode=verify-full", None),
            ("postgres://db.example/n?sslmode=verify%2Dfull", None),
            ("postgres://db.example/n?sslrootcert=system", None),
        ] {
            assert_eq!(of(url, &[]), expected, "{url}");
        }
    }

    #[test]
    fn this_machine_and_its_sockets_need_no_certificate() {
        for url in [
            "postgres:///n",
            "postgres://u:p@/n",
            "postgres://localhost:5432/n",
            "postgres://LOCALHOST./n",
            "postgres://db.localhost/n",
            "postgres://127.0.0.1/n",
            "postgres://127.9.9.9:1/n?sslmode=disable",
            "postgres://[::1]/n",
            "postgres://[::ffff:127.0.0.1]/n",
            "postgres://%2Fvar%2Frun%2Fpostgresql/n",
            "postgres:///n?host=/var/run/postgresql",
            "postgres:///n?host=%2Fvar%2Frun",
            "postgres://db.example/n?hostaddr=127.0.0.1",
            "sqlite:file.db",
        ] {
            assert_eq!(of(url, &[]), None, "{url}");
        }
    }

    #[test]
    fn what_the_url_leaves_out_is_taken_from_the_environment() {
        let far = "postgres://db.example/n";
        assert_eq!(of(far, &["PGSSLMODE=verify-full"]), None);
        assert_eq!(of(far, &["PGSSLMODE=require"]), told("db.example", "require"));
        assert_eq!(of(far, &["PGSSLMODE="]), told("db.example", "prefer"));
        assert_eq!(of(far, &["PGSSLROOTCERT=system"]), None);
        assert_eq!(of(far, &["PGHOSTADDR=127.0.0.1"]), None);
        assert_eq!(of(far, &["PGHOST=localhost"]), told("db.example", "prefer"));
        assert_eq!(of("postgres:///n", &["PGHOST=db.example"]), told("db.example", "prefer"));
        let weak = "postgres://db.example/n?sslmode=allow";
        assert_eq!(of(weak, &["PGSSLMODE=verify-full"]), told("db.example", "allow"));
    }

    #[test]
    fn what_is_told_holds_no_password() {
        let url: DatabaseUrl =
            "postgres://user:hunter2@h/n?password=hunter2".parse().expect("a URL");
        let told = url.unchecked_server(|_| None).expect("a warning").to_string();
        assert!(told.contains("connections to h do not check") && !told.contains("hunter2"));
        assert!(!told.contains("user"), "{told}");
    }
}
