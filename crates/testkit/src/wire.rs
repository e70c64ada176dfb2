//! A wire between a client and a server that a test can cut and mend.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Forwards connections from a port of its own to a server, while it is whole.
pub struct Wire {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    goes_on: Condvar,
}

#[derive(Default)]
struct State {
    cut: bool,
    stalled: bool,
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
        let shared = Arc::new(Shared::default());
        let (forwarding, target) = (Arc::clone(&shared), target.to_owned());
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // While the wire is cut, clients are hung up on.
                let _ = connect(client, &target, &forwarding);
            }
        });
        Self { port, shared }
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
        let mut state = self.shared.lock();
        state.cut = true;
        for stream in state.open.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Lets new connections through again.
    pub fn mend(&self) {
        self.shared.lock().cut = false;
    }

    /// Forwards nothing more, and leaves all connections open: so does a server whose process was
    /// stopped, while its system still answers for it.
    pub fn stall(&self) {
        self.shared.lock().stalled = true;
    }

    /// Forwards again, also what came meanwhile.
    pub fn go_on(&self) {
        self.shared.lock().stalled = false;
        self.shared.goes_on.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_while_stalled(&self) {
        let wait = self.goes_on.wait_while(self.lock(), |state| state.stalled);
        drop(wait.unwrap_or_else(PoisonError::into_inner));
    }

    /// Forwards until there is no more.
    fn forward(&self, from: &mut TcpStream, to: &mut TcpStream) {
        let mut bytes = vec![0; 64 * 1024];
        while let Ok(length @ 1..) = from.read(&mut bytes) {
            self.wait_while_stalled();
            if to.write_all(&bytes[..length]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    }
}

fn connect(client: TcpStream, target: &str, shared: &Arc<Shared>) -> io::Result<()> {
    let mut state = shared.lock();
    if state.cut {
        return client.shutdown(Shutdown::Both);
    }
    let server = TcpStream::connect(target)?;
    for (from, to) in [(&client, &server), (&server, &client)] {
        let (mut from, mut to) = (from.try_clone()?, to.try_clone()?);
        let shared = Arc::clone(shared);
        thread::spawn(move || shared.forward(&mut from, &mut to));
    }
    state.open.extend([client, server]);
    Ok(())
}
