//! Which connections there are, and which of them makes room when there are too many.
//!
//! A connection is busy while a request on it is worked on, while its answer is a stream, and while
//! the client has not taken its answer. All others are idle, also those on which no request has come
//! yet. At a bound, the connection that is idle longest is closed for a new one; busy ones never are.
//! Where all are busy, some more are let in, on which nothing is served but the probes.
//!
//! A request costs two writes to memory of its own connection; the lock is taken when a connection
//! comes or goes.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_util::task::AtomicWaker;
use ipnet::IpNet;

use crate::config::DoorConfig;
use crate::http::throttle::key as network_of;

/// Connections beyond the bound, on which only probes are served.
pub(crate) const RESERVE: usize = 16;

/// How many of them one address may have.
const RESERVE_OF_ADDRESS: usize = 4;

/// Connections that each worker may have beyond its share, while others on their way out are still
/// there.
const SLACK: usize = 4;

/// Of so many connections, one is found at each search for those that are idle longest.
const SEARCH_SHARE: usize = 64;

/// How long nothing is said of connections that are refused after it was told.
const SILENCE: Duration = Duration::from_secs(10);

/// In place of a time: the connection is busy, or gone.
const BUSY: u64 = u64::MAX;
/// In place of a time: the connection is to make room.
const LEAVING: u64 = u64::MAX - 1;

/// How many connections there can be at once beyond the bound.
#[must_use]
pub(crate) const fn beyond(workers: usize) -> usize {
    RESERVE + SLACK * workers
}

/// How many connections a worker is given at most. All together are given more than the table lets
/// in, so the table decides.
pub(super) const fn of_worker(connections: usize, workers: usize) -> usize {
    (connections + RESERVE).div_ceil(workers) + SLACK
}

/// All connections of the server.
#[derive(Debug)]
pub(crate) struct ConnectionTable {
    bound: usize,
    bound_of_address: usize,
    /// Proxies stand for many clients.
    exempt: Vec<IpNet>,
    start: Instant,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// By the network that counts as one address.
    served: HashMap<IpAddr, HashMap<u64, Arc<Connection>>>,
    count: usize,
    /// How many of these are to make room and are not gone yet.
    leaving: usize,
    /// Those on which only probes are served.
    reserve: HashMap<u64, Arc<Connection>>,
    /// Those that were idle longest at the last search, each with since when: the longest at the end.
    /// Whatever became idle later comes behind all of them.
    longest_idle: Vec<(u64, Arc<Connection>)>,
    last_number: u64,
    refused: u64,
    told: Option<Instant>,
}

/// What is known of a connection.
#[derive(Debug)]
pub(crate) struct Connection {
    number: u64,
    address: IpAddr,
    is_exempt: bool,
    start: Instant,
    /// Microseconds since `start`.
    idle_since: AtomicU64,
    in_reserve: AtomicBool,
    waker: AtomicWaker,
}

/// A connection that was let in; it has gone when this is dropped.
#[derive(Debug)]
pub(crate) struct Admission {
    table: Arc<ConnectionTable>,
    connection: Arc<Connection>,
}

impl ConnectionTable {
    /// An empty table with the bounds of these settings.
    pub(crate) fn new(door: &DoorConfig) -> Self {
        let bound_of_address = door.max_connections_per_address;
        Self {
            bound: door.max_connections,
            bound_of_address: bound_of_address.map_or(usize::MAX, usize::from),
            exempt: door.trusted_proxies.clone(),
            start: Instant::now(),
            state: Mutex::default(),
        }
    }

    /// Lets a connection in that comes now. When there are too many, the one that is idle longest has
    /// to go; when all are busy, only probes are served on the new one, and when there are too many
    /// of those, too, there is none.
    pub(crate) fn admit(self: &Arc<Self>, peer: Option<IpAddr>, now: Instant) -> Option<Admission> {
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.to_canonical());
        let mut state = self.lock();
        state.last_number += 1;
        let connection = Arc::new(Connection {
            number: state.last_number,
            address: network_of(peer),
            is_exempt: self.exempt.iter().any(|network| network.contains(&peer)),
            start: self.start,
            idle_since: AtomicU64::new(0),
            in_reserve: AtomicBool::new(false),
            waker: AtomicWaker::new(),
        });
        connection.rest(now);
        if self.has_room(&mut state, &connection) {
            state.insert(&connection);
        } else if has_reserve(&state, &connection) {
            connection.in_reserve.store(true, Ordering::Relaxed);
            state.reserve.insert(connection.number, Arc::clone(&connection));
        } else {
            state.refused += 1;
            tell(&mut state, now);
            return None;
        }
        drop(state);
        Some(Admission { table: Arc::clone(self), connection })
    }

    /// Whether there is room for this connection, or another one makes room for it.
    fn has_room(&self, state: &mut State, connection: &Connection) -> bool {
        if !connection.is_exempt
            && let Some(others) = state.served.get(&connection.address)
            && others.len() >= self.bound_of_address
        {
            let (staying, longest) = staying(others.values());
            if staying >= self.bound_of_address {
                let Some(longest) = longest.filter(|(since, other)| other.leave(*since)) else {
                    return false;
                };
                drop(longest);
                state.leaving += 1;
            }
        }
        // More than one where a connection that was to make room was asked something in time.
        while state.count - state.leaving >= self.bound {
            if !state.free_one(self.bound) {
                return false;
            }
        }
        true
    }

    fn release(&self, connection: &Connection) {
        let mut state = self.lock();
        let was = connection.idle_since.swap(BUSY, Ordering::Relaxed);
        if state.reserve.remove(&connection.number).is_some() {
            return;
        }
        state.remove(connection);
        if was == LEAVING {
            state.leaving -= 1;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn insert(&mut self, connection: &Arc<Connection>) {
        let of_address = self.served.entry(connection.address).or_default();
        of_address.insert(connection.number, Arc::clone(connection));
        self.count += 1;
    }

    fn remove(&mut self, connection: &Connection) {
        let Some(of_address) = self.served.get_mut(&connection.address) else { return };
        if of_address.remove(&connection.number).is_some() {
            self.count -= 1;
        }
        if of_address.is_empty() {
            self.served.remove(&connection.address);
        }
    }

    /// Has the connection make room that is idle longest; `false` when all are busy.
    fn free_one(&mut self, bound: usize) -> bool {
        for is_fresh in [false, true] {
            if is_fresh {
                self.search(bound);
            }
            while let Some((since, connection)) = self.longest_idle.pop() {
                if connection.leave(since) {
                    self.leaving += 1;
                    return true;
                }
            }
        }
        false
    }

    /// Searches for those that are idle longest.
    fn search(&mut self, bound: usize) {
        let all = self.served.values().flat_map(HashMap::values);
        let idle = all.filter_map(|connection| Some((connection.idle_since()?, connection)));
        let mut idle: Vec<_> = idle.collect();
        let wanted = (bound / SEARCH_SHARE).max(1);
        let order = |connection: &(u64, &Arc<Connection>)| (connection.0, connection.1.number);
        if idle.len() > wanted {
            idle.select_nth_unstable_by_key(wanted, order);
            idle.truncate(wanted);
        }
        idle.sort_unstable_by_key(|connection| std::cmp::Reverse(order(connection)));
        let found = idle.into_iter().map(|(since, connection)| (since, Arc::clone(connection)));
        self.longest_idle = found.collect();
    }
}

/// How many of these stay, and which of them is idle longest, since when.
fn staying<'a>(
    connections: impl Iterator<Item = &'a Arc<Connection>>,
) -> (usize, Option<(u64, Arc<Connection>)>) {
    let (mut count, mut longest) = (0, None::<(u64, &Arc<Connection>)>);
    for connection in connections.filter(|connection| !connection.is_leaving()) {
        count += 1;
        if let Some(since) = connection.idle_since() {
            let is_longer = |(other, known): (u64, &Arc<Connection>)| {
                (since, connection.number) < (other, known.number)
            };
            if longest.is_none_or(is_longer) {
                longest = Some((since, connection));
            }
        }
    }
    (count, longest.map(|(since, connection)| (since, Arc::clone(connection))))
}

/// Whether there is room in the reserve for this connection, or another one makes room for it.
fn has_reserve(state: &State, connection: &Connection) -> bool {
    let of_address = state.reserve.values().filter(|other| other.address == connection.address);
    let (of_address, longest_of_address) = staying(of_address);
    let (all, longest) = staying(state.reserve.values());
    let longest = if !connection.is_exempt && of_address >= RESERVE_OF_ADDRESS {
        longest_of_address
    } else if all >= RESERVE {
        longest
    } else {
        return true;
    };
    longest.is_some_and(|(since, other)| other.leave(since))
}

/// Says now and then that connections are refused.
fn tell(state: &mut State, now: Instant) {
    if state.told.is_none_or(|told| now.saturating_duration_since(told) > SILENCE) {
        let number = std::mem::take(&mut state.refused);
        state.told = Some(now);
        log::warn!(
            "{number} connections were refused: those that there may be (CADASTRE_MAX_CONNECTIONS, \
             CADASTRE_MAX_CONNECTIONS_PER_ADDRESS) are busy"
        );
    }
}

impl Connection {
    /// It is idle from now on.
    pub(super) fn rest(&self, now: Instant) {
        let since = now.saturating_duration_since(self.start).as_micros();
        let since = u64::try_from(since).unwrap_or(BUSY).min(LEAVING - 1);
        self.idle_since.store(since, Ordering::Relaxed);
    }

    /// Since when it is idle, if it is and may stay.
    fn idle_since(&self) -> Option<u64> {
        Some(self.idle_since.load(Ordering::Relaxed)).filter(|since| *since < LEAVING)
    }

    /// Has it make room, if it is still idle since then.
    fn leave(&self, since: u64) -> bool {
        let order = Ordering::Relaxed;
        let told = self.idle_since.compare_exchange(since, LEAVING, order, order).is_ok();
        if told {
            self.waker.wake();
        }
        told
    }

    fn is_leaving(&self) -> bool {
        self.idle_since.load(Ordering::Relaxed) == LEAVING
    }

    /// Ready when it has to make room.
    pub(super) fn poll_leaving(&self, context: &Context<'_>) -> Poll<()> {
        self.waker.register(context.waker());
        if self.is_leaving() { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Whether only probes are served on it, at least for now.
    pub(super) fn is_in_reserve(&self) -> bool {
        self.in_reserve.load(Ordering::Relaxed)
    }
}

impl Admission {
    /// What is known of it.
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// It is busy until it rests. Also when it was to make room: that it is asked something came first.
    pub(super) fn work(&self) {
        if self.connection.idle_since.swap(BUSY, Ordering::Relaxed) == LEAVING {
            let mut state = self.table.lock();
            if !self.connection.is_in_reserve() {
                state.leaving -= 1;
            }
        }
    }

    /// Whether only probes are served on it, now that it is asked something.
    pub(super) fn serves_probes_only(&self) -> bool {
        let connection = &self.connection;
        if !connection.is_in_reserve() {
            return false;
        }
        let mut state = self.table.lock();
        if !self.table.has_room(&mut state, connection) {
            return true;
        }
        state.reserve.remove(&connection.number);
        state.insert(connection);
        connection.in_reserve.store(false, Ordering::Relaxed);
        false
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.table.release(&self.connection);
    }
}

#[cfg(test)]
mod tests;
