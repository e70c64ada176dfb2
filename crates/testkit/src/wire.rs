//! A wire between a client and a server that a test can cut and mend.

use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Forwards connections from a port of its own to a server, while it is whole.
pub struct Wire {
    port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    cut: bool,
    open: Vec<TcpStream>,
}

impl Wire {
    /// A whole wire to `target`, as `host:port`.
    ///
    /// # Panics
    /// When no port can be had.
    #[must_use]
    pub fn to(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("a bound port").port();
        let state = Arc::new(Mutex::new(State::default()));
        let (shared, target) = (Arc::clone(&state), target.to_owned());
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // While the wire is cut, clients are hung up on.
                let _ = connect(client, &target, &shared);
            }
        });
        Self { port, state }
    }

    /// A whole wire to the server of `url`, and the URL that leads through the wire.
    ///
    /// # Panics
    /// When the URL has no host, or no port can be had.
    #[must_use]
    pub fn before(url: &str) -> (Self, String) {
        let start = url.find("://").expect("a URL") + "://".len();
        let end = url[start..].find(['/', '?']).map_or(url.len(), |length| start + length);
        let authority = &url[start..end];
        let user = authority.rfind('@').map_or("", |at| &authority[..=at]);
        let server = &authority[user.len()..];
        let wire = if server.contains(':') {
            Self::to(server)
        } else {
            Self::to(&format!("{server}:5432"))
        };
        let through = format!("{}{user}127.0.0.1:{}{}", &url[..start], wire.port, &url[end..]);
        (wire, through)
    }

    /// The port to connect to on loopback.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Ends all connections and lets no new one through.
    pub fn cut(&self) {
        let mut state = lock(&self.state);
        state.cut = true;
        for stream in state.open.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Lets new connections through again.
    pub fn mend(&self) {
        lock(&self.state).cut = false;
    }
}

fn lock(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn connect(client: TcpStream, target: &str, state: &Mutex<State>) -> io::Result<()> {
    let mut state = lock(state);
    if state.cut {
        return client.shutdown(Shutdown::Both);
    }
    let server = TcpStream::connect(target)?;
    for (from, to) in [(&client, &server), (&server, &client)] {
        let (mut from, mut to) = (from.try_clone()?, to.try_clone()?);
        thread::spawn(move || {
            let _ = io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Both);
        });
    }
    state.open.extend([client, server]);
    Ok(())
}
