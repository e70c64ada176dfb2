//! Connections with TLS.
//!
//! The client library would hand the host over as it stands in the URL, with the brackets of an IPv6
//! address, which is no name that a certificate could have. So TLS is agreed on here, and the library
//! speaks plain HTTP over what comes of that.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_service::{Service, fn_service};
use actix_tls::connect::{ConnectError, ConnectInfo, Connection};
use actix_web::rt::net::{ActixStream, Ready, TcpStream};
use awc::http::Uri;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Connects to the address that a call is to go to, and expects to find there who has this name.
/// Either may take as long as `patience`.
pub(super) fn connector(
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
    patience: Duration,
) -> impl Service<ConnectInfo<Uri>, Response = Connection<Uri, Secure>, Error = ConnectError> + Clone
{
    let tls = TlsConnector::from(config);
    fn_service(move |info: ConnectInfo<Uri>| {
        let (tls, name) = (tls.clone(), name.clone());
        async move {
            let place = info.addrs().next().ok_or(ConnectError::Unresolved)?;
            let stream = within(patience, TcpStream::connect(place)).await?;
            let stream = within(patience, tls.connect(name, stream)).await?;
            Ok(Connection::new(info.request().clone(), Secure(stream)))
        }
    })
}

async fn within<T>(
    patience: Duration,
    work: impl Future<Output = io::Result<T>>,
) -> Result<T, ConnectError> {
    let done = tokio::time::timeout(patience, work).await;
    done.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())).map_err(ConnectError::Io)
}

/// A connection with TLS.
#[derive(Debug)]
pub(super) struct Secure(TlsStream<TcpStream>);

impl ActixStream for Secure {
    fn poll_read_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        ActixStream::poll_read_ready(self.0.get_ref().0, context)
    }

    fn poll_write_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        ActixStream::poll_write_ready(self.0.get_ref().0, context)
    }
}

impl AsyncRead for Secure {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Secure {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
