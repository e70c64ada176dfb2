//! SIGHUP: the files of TLS are read again.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

use crate::server::tls::Tls;

/// From now on, SIGHUP has the files read again. Without TLS it does nothing; in particular, it
/// does not end the process, as it would by default.
pub(super) fn reload(tls: Option<Tls>) -> io::Result<()> {
    let mut hangups = signal(SignalKind::hangup())?;
    if let Some(tls) = &tls {
        tls.warn_of_open_key();
    }
    actix_web::rt::spawn(async move {
        while hangups.recv().await.is_some() {
            match tls.clone() {
                Some(tls) => drop(actix_web::rt::task::spawn_blocking(move || again(&tls)).await),
                None => log::info!("SIGHUP: without TLS there is nothing to read again"),
            }
        }
    });
    Ok(())
}

fn again(tls: &Tls) {
    match tls.reload() {
        Ok(()) => log::info!("SIGHUP: new connections get the certificate that is there now"),
        Err(fault) => log::error!("SIGHUP: {fault}; the certificate stays as it was"),
    }
    tls.warn_of_open_key();
}
