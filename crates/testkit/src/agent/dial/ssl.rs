//! TLS alone, which agents of 2026 dial.

use std::io;
use std::time::Duration;

use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::super::connection::{Connection, Trust};
use super::super::line::Point;
use super::super::rules::Times;
use super::super::spec::{Delivered, Spec, duration};
use super::{Found, micros};

const LIMIT: Duration = Duration::from_secs(10);

pub(super) fn dial(task: &Delivered, trust: &Trust) -> Found {
    let spec = &task.spec;
    let mut found = Found::new("ssl_dial_testing");
    found.point.tag("dest_host", spec.host.clone());
    found.point.tag("dest_port", spec.port.clone());
    found.point.tag("server_name", name(spec).to_owned());
    let connection = match connected(spec, trust) {
        Ok(connection) => connection,
        Err(error) => return found.failed(error.to_string()),
    };
    found.address(connection.peer);
    found.point.field("tls_handshake_time", micros(connection.tls));
    let version = connection.tls_version.unwrap_or_default();
    found.point.field("tls_version", version.clone());
    let days = connection.certificate.and_then(|der| tell_certificate(&mut found.point, &der));
    for rule in &spec.success_when {
        for option in &rule.ssl_cert_expires_in_days {
            found.verdict.take(option.check("days left", days.unwrap_or_default()));
        }
        for option in &rule.tls_version {
            found.verdict.take(option.check("TLS version", &version));
        }
        if let Some(Times::Text(limit)) = &rule.response_time
            && let Some(limit) = duration(limit)
        {
            let took = connection.connect + connection.tls;
            found.verdict.take((took > limit).then(|| format!("it took {took:?}")));
        }
    }
    found
}

fn name(spec: &Spec) -> &str {
    if spec.server_name.is_empty() { &spec.host } else { &spec.server_name }
}

fn connected(spec: &Spec, trust: &Trust) -> io::Result<Connection> {
    let port = spec.port.parse().map_err(io::Error::other)?;
    let (stream, dialled) = Connection::plain(&spec.host, port, LIMIT)?;
    dialled.secured(stream, name(spec), trust)
}

/// Writes into a point until when a certificate is good; the days that are left.
pub(super) fn tell_certificate(point: &mut Point, der: &[u8]) -> Option<f64> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let until = certificate.validity().not_after.timestamp();
    let days = certificate.validity().time_to_expiration()?.whole_days();
    point.field("ssl_cert_not_after", until);
    point.field("ssl_cert_expires_in_days", days);
    i32::try_from(days).ok().map(f64::from)
}
