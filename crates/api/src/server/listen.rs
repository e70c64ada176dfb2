//! From a listener to a server: connections are accepted, TLS is spoken on them if it is to be,
//! and HTTP/1.1 is served on them, all within bounds of number and time.
//!
//! This does by hand what `actix_web::HttpServer` does, because that has no place for a connection
//! that is watched ([`super::patience`]), offers HTTP/2 as soon as any library in the program
//! speaks it, and keeps the certificates that it was started with.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use actix_http::error::DispatchError;
use actix_http::{Extensions, HttpService, Protocol, Request, Response};
use actix_server::ServerBuilder;
use actix_service::{IntoServiceFactory, ServiceFactoryExt as _, fn_factory, fn_service};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Server, Service, ServiceFactory};
use actix_web::rt::net::TcpStream;
use actix_web::rt::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::connections::{Admission, ConnectionTable};
use super::line::{LONGEST_GOODBYE, Line};
use super::patience::Patience;
use super::request_task::Application;
use crate::config::DoorConfig;

/// The same bounds that `actix_web::HttpServer` has.
///
/// # Errors
/// When the listener cannot be used.
pub(super) fn listen<F, I, S, B>(
    builder: ServerBuilder,
    listener: TcpListener,
    door: Arc<DoorConfig>,
    app: F,
) -> io::Result<Server>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<actix_web::Error> + 'static,
    S::InitError: fmt::Debug,
    S::Response: Into<Response<B>> + 'static,
    <S::Service as Service<Request>>::Future: 'static,
    S::Service: 'static,
    B: MessageBody + 'static,
{
    let stop = builder.graceful_shutdown_signal();
    let table = Arc::new(ConnectionTable::new(&door));
    let server = builder.listen("cadastre", listener, move || {
        let (door, stop, table) = (Arc::clone(&door), stop.clone(), Arc::clone(&table));
        let app = app().into_factory().map_err(|error| error.into().error_response());
        let application = Rc::new(Application::default());
        let expecting = Rc::clone(&application);
        let app = fn_factory(move || {
            let (application, made) =
                (Rc::clone(&application), app.new_service(AppConfig::default()));
            async move { made.await.map(|made| application.serve::<B>(made)) }
        });
        let http = HttpService::build()
            .keep_alive(door.keep_alive)
            .client_request_timeout(door.header_timeout)
            .client_disconnect_timeout(LONGEST_GOODBYE)
            .graceful_shutdown_signal(move || {
                let stop = stop.clone();
                async move { stop.notified().await }
            })
            .expect(fn_service(move |request| {
                let application = Rc::clone(&expecting);
                async move { application.expect::<B>(request).await }
            }))
            .on_connect_ext(|line: &Line, data: &mut Extensions| {
                data.insert(line.patience());
            })
            .finish(app);
        fn_service(move |stream| accept(stream, Arc::clone(&door), Arc::clone(&table)))
            .and_then(http)
    })?;
    Ok(server.run())
}

/// What is said on a new connection before the first request.
async fn accept(
    stream: TcpStream,
    door: Arc<DoorConfig>,
    table: Arc<ConnectionTable>,
) -> Result<(Line, Protocol, Option<SocketAddr>), DispatchError> {
    let (now, peer) = (Instant::now(), stream.peer_addr().ok());
    let Some(admission) = table.admit(peer.map(|peer| peer.ip()), now) else {
        return Err(io::Error::from(io::ErrorKind::ConnectionRefused).into());
    };
    let line = match &door.tls {
        None => Line::new(stream, patience(&door, now, admission)),
        Some(tls) => {
            let handshake = TlsAcceptor::from(tls.current()).accept(stream);
            let leaving = poll_fn(|context| admission.connection().poll_leaving(context));
            let stream = tokio::select! {
                stream = timeout(door.header_timeout, handshake) => {
                    stream.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
                }
                () = leaving => Err(io::ErrorKind::ConnectionAborted.into()),
            };
            let stream = stream.inspect_err(|error| log::debug!("no TLS handshake: {error}"));
            Line::new(stream.map_err(DispatchError::Io)?, patience(&door, now, admission))
        }
    };
    Ok((line, Protocol::Http1, peer))
}

fn patience(door: &DoorConfig, now: Instant, admission: Admission) -> Patience {
    Patience::new(door.header_timeout, door.keep_alive, now, admission)
}
