//! Which connections there are, and which of them makes room when there are too many.
//!
//! A connection is busy while a request on it is worked on and while its answer is a stream. While a
//! client takes its answer, the connection is busy for a time that grows with what the client takes. All
//! others are idle, also those on which no request has come yet. At a bound, the connection that is idle
//! longest is closed for a new one; busy ones never are. Where all are busy, some more are let in, on
//! which nothing is served but the probes.
//!
//! A request costs a few operations on memory of its own connection. The lock is taken when a
//! connection comes or goes, and when one rests that was found to be busy in a search for an idle one.

use std::collections::{BTreeMap, HashMap};
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

/// After how long a connection of the reserve makes room for another, whatever is done on it. A probe
/// is answered within three seconds.
const PROBE_TIME: Duration = Duration::from_secs(5);

/// How long nothing is said of connections that are refused after it was told.
const SILENCE: Duration = Duration::from_secs(10);

/// In place of a time: the connection is busy, or gone; in place of a place in a queue: it has none.
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
    served: Queue<{ ALL }>,
    /// Those of `served` for which the bound of an address holds, by the network that counts as one.
    by_address: HashMap<IpAddr, Queue<{ OF_ADDRESS }>>,
    /// Those on which only probes are served.
    reserve: HashMap<u64, Arc<Connection>>,
    last_number: u64,
    refused: u64,
    told: Option<Instant>,
}

/// Which place of a connection a queue knows.
const ALL: usize = 0;
const OF_ADDRESS: usize = 1;

/// Connections that share a bound, in the order in which they are idle.
///
/// The order is that of the times that were read last. A connection that is used moves its time, and
/// is moved in the queue when its turn comes. One that was found to be busy has no place until it rests.
/// So a search moves a connection once for each time that it was used, and where all are busy,
/// there is nothing to search.
#[derive(Debug, Default)]
struct Queue<const WHICH: usize> {
    count: usize,
    /// How many of these are to make room and are not gone yet.
    leaving: usize,
    /// By the time from which it is idle, or an earlier one, and by number.
    order: BTreeMap<(u64, u64), Arc<Connection>>,
}

/// What is known of a connection.
#[derive(Debug)]
pub(crate) struct Connection {
    number: u64,
    address: IpAddr,
    is_exempt: bool,
    start: Instant,
    /// From when on it is idle, in microseconds since `start`; that may be a time to come.
    idle_from: AtomicU64,
    /// Under which time each queue has it: never a later one than `idle_from`. Written under the lock.
    places: [AtomicU64; 2],
    in_reserve: AtomicBool,
    /// From when on it is idle at the latest while it is in the reserve.
    probe_end: u64,
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
            idle_from: AtomicU64::new(micros(self.start, now)),
            places: [AtomicU64::new(BUSY), AtomicU64::new(BUSY)],
            in_reserve: AtomicBool::new(false),
            probe_end: micros(self.start, now + PROBE_TIME),
            waker: AtomicWaker::new(),
        });
        if self.has_room(&mut state, &connection, now) {
            state.insert(&connection);
        } else if has_reserve(&state, &connection, micros(self.start, now)) {
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
    fn has_room(&self, state: &mut State, connection: &Connection, now: Instant) -> bool {
        let now = micros(self.start, now);
        let address = Some(connection.address).filter(|_| !connection.is_exempt);
        address.is_none_or(|address| state.has_room_of(address, self.bound_of_address, now))
            && state.has_room(self.bound, now)
    }

    fn release(&self, connection: &Connection) {
        let mut state = self.lock();
        let was = connection.idle_from.swap(BUSY, Ordering::SeqCst);
        if state.reserve.remove(&connection.number).is_none() {
            state.remove(connection, was == LEAVING);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether fewer connections stay than the bound says, or one makes room. More than one makes room
    /// where a connection that was to was asked something in time.
    fn has_room(&mut self, bound: usize, now: u64) -> bool {
        while self.served.staying() >= bound {
            let Some(connection) = self.served.free_one(now) else { return false };
            self.note_leaving(&connection);
        }
        true
    }

    /// The same of the connections of an address.
    fn has_room_of(&mut self, address: IpAddr, bound: usize, now: u64) -> bool {
        while let Some(queue) = self.by_address.get_mut(&address)
            && queue.staying() >= bound
        {
            let Some(connection) = queue.free_one(now) else { return false };
            self.note_leaving(&connection);
        }
        true
    }

    fn note_leaving(&mut self, connection: &Connection) {
        self.served.leaving += 1;
        if let Some(queue) = self.own_queue(connection) {
            queue.leaving += 1;
        }
    }

    fn note_staying(&mut self, connection: &Connection) {
        self.served.leaving -= 1;
        if let Some(queue) = self.own_queue(connection) {
            queue.leaving -= 1;
        }
    }

    fn insert(&mut self, connection: &Arc<Connection>) {
        self.served.count += 1;
        if !connection.is_exempt {
            self.by_address.entry(connection.address).or_default().count += 1;
        }
        self.place(connection);
    }

    fn remove(&mut self, connection: &Connection, was_leaving: bool) {
        if was_leaving {
            self.note_staying(connection);
        }
        self.served.count -= 1;
        self.served.take_out(connection);
        if let Some(queue) = self.own_queue(connection) {
            queue.count -= 1;
            queue.take_out(connection);
            if queue.count == 0 {
                self.by_address.remove(&connection.address);
            }
        }
    }

    /// Gives a connection its place in the queues.
    fn place(&mut self, connection: &Arc<Connection>) {
        self.served.place(connection);
        if let Some(queue) = self.own_queue(connection) {
            queue.place(connection);
        }
    }

    fn own_queue(&mut self, connection: &Connection) -> Option<&mut Queue<{ OF_ADDRESS }>> {
        let address = Some(&connection.address).filter(|_| !connection.is_exempt)?;
        self.by_address.get_mut(address)
    }
}

impl<const WHICH: usize> Queue<WHICH> {
    /// How many are not to make room.
    const fn staying(&self) -> usize {
        self.count - self.leaving
    }

    /// Has the connection make room that is idle longest; none when all are busy.
    fn free_one(&mut self, now: u64) -> Option<Arc<Connection>> {
        loop {
            let first = self.order.first_entry().filter(|first| first.key().0 <= now)?;
            let ((since, _), connection) = first.remove_entry();
            let is_told = connection.leave(since);
            self.place(&connection);
            if is_told {
                return Some(connection);
            }
        }
    }

    /// Gives a connection the place of its present time.
    fn place(&mut self, connection: &Arc<Connection>) {
        self.take_out(connection);
        let place = &connection.places[WHICH];
        loop {
            let from = connection.idle_from.load(Ordering::SeqCst);
            let is_idle = from < LEAVING;
            place.store(if is_idle { from } else { BUSY }, Ordering::SeqCst);
            // A time that became earlier before the place was seen: nothing else moves it here.
            if connection.idle_from.load(Ordering::SeqCst) < from {
                continue;
            }
            if is_idle {
                self.order.insert((from, connection.number), Arc::clone(connection));
            }
            return;
        }
    }

    fn take_out(&mut self, connection: &Connection) {
        let place = connection.places[WHICH].load(Ordering::SeqCst);
        self.order.remove(&(place, connection.number));
    }
}

/// How many of these stay, and which of them is idle longest, since when.
fn staying<'a>(
    connections: impl Iterator<Item = &'a Arc<Connection>>,
    now: u64,
) -> (usize, Option<(u64, &'a Arc<Connection>)>) {
    let time =
        |connection: &'a Arc<Connection>| (connection.idle_from.load(Ordering::SeqCst), connection);
    let staying: Vec<_> = connections.map(time).filter(|(from, _)| *from != LEAVING).collect();
    let idle = staying.iter().filter(|(from, _)| *from <= now);
    let longest = idle.min_by_key(|(since, connection)| (*since, connection.number)).copied();
    (staying.len(), longest)
}

/// Whether there is room in the reserve for this connection, or another one makes room for it.
fn has_reserve(state: &State, connection: &Connection, now: u64) -> bool {
    let of_address = state.reserve.values().filter(|other| other.address == connection.address);
    let (of_address, longest_of_address) = staying(of_address, now);
    let (all, longest) = staying(state.reserve.values(), now);
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

/// Microseconds from `start` to a time.
fn micros(start: Instant, at: Instant) -> u64 {
    let since = at.saturating_duration_since(start).as_micros();
    u64::try_from(since).unwrap_or(BUSY).min(LEAVING - 1)
}

impl Connection {
    /// Has it make room, if it is still idle since then.
    fn leave(&self, since: u64) -> bool {
        let order = Ordering::SeqCst;
        let told = self.idle_from.compare_exchange(since, LEAVING, order, order).is_ok();
        if told {
            self.waker.wake();
        }
        told
    }

    fn is_leaving(&self) -> bool {
        self.idle_from.load(Ordering::SeqCst) == LEAVING
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
        self.set(BUSY);
    }

    /// It is idle from this time on, which may be to come.
    pub(super) fn rest_from(&self, from: Instant) {
        self.set(micros(self.connection.start, from));
    }

    fn set(&self, from: u64) {
        let connection = &self.connection;
        if connection.is_in_reserve() {
            connection.idle_from.store(from.min(connection.probe_end), Ordering::SeqCst);
            return;
        }
        let was_leaving = connection.idle_from.swap(from, Ordering::SeqCst) == LEAVING;
        let is_behind = |place: &AtomicU64| place.load(Ordering::SeqCst) > from;
        let [of_all, of_address] = &connection.places;
        if was_leaving || is_behind(of_all) || (!connection.is_exempt && is_behind(of_address)) {
            let mut state = self.table.lock();
            if was_leaving {
                state.note_staying(connection);
            }
            state.place(connection);
        }
    }

    /// Whether only probes are served on it, now that it is asked something.
    pub(super) fn serves_probes_only(&self, now: Instant) -> bool {
        let connection = &self.connection;
        if !connection.is_in_reserve() {
            return false;
        }
        let mut state = self.table.lock();
        if !self.table.has_room(&mut state, connection, now) {
            return true;
        }
        state.reserve.remove(&connection.number);
        connection.in_reserve.store(false, Ordering::Relaxed);
        connection.idle_from.store(BUSY, Ordering::SeqCst);
        state.insert(connection);
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
