//! What each answer of a cluster means, and which calls are made.

use std::net::{IpAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use cadastre_domain::region::Credentials;
use cadastre_testkit::sample;
use futures_util::FutureExt as _;

use super::*;

fn judged(status: u16, body: Value) -> Result<(), ClusterError> {
    let status = StatusCode::from_u16(status).expect("a status");
    judge(&Answer { status, body }, "t1")
}

#[test]
fn every_answer_to_the_creation_of_a_tenant_is_one_of_three() {
    assert_eq!(judged(200, Value::Null), Ok(()));
    assert_eq!(judged(400, json!({"msg": "tenant name t1 is exist"})), Ok(()));
    assert_eq!(judged(400, json!({"msg": "tenant name t2 is exist"})), Err(ClusterError::Refused));
    assert_eq!(judged(500, json!({"msg": "namespace exists"})), Err(ClusterError::NamespaceExists));
    let inside = json!({"code": 7, "msg": "m", "msg_show": "s"});
    assert_eq!(judged(409, inside), Err(ClusterError::Refused));
    assert_eq!(judged(502, Value::Null), Err(ClusterError::Refused));
}

#[test]
fn the_endpoint_is_below_the_path_of_the_address() {
    for (api, expected) in [
        ("http://h:1", "http://h:1/v2/show"),
        ("http://h/", "http://h/v2/show"),
        ("http://h/base/?x=1", "http://h/base/v2/show"),
    ] {
        let api = ApiUrl::try_from(api.to_owned()).expect("a URL");
        assert_eq!(endpoint(&api, "/v2/show"), expected);
    }
}

/// A region of this number whose API is there, without credentials.
fn region(number: u64, api: &str) -> RegionDetail {
    let mut region = RegionDetail { credentials: Credentials::default(), ..sample::region() };
    region.region.id = sample::hex(number);
    region.region.addresses.api = sample::text(api);
    region
}

/// Calls that find this address for every host, and count how often they look.
fn finding(allowed: &[&str], found: &str) -> (Clusters, Arc<AtomicUsize>) {
    let (found, looked) = (found.parse::<IpAddr>().ok(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&looked);
    let mut clusters = Clusters::new(true, Allowed::default());
    let allowed = Allowed::new(allowed.iter().copied()).expect("networks");
    clusters.guard = Guard::resolving(allowed.with_private(), move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        found.into_iter().collect()
    });
    (clusters, looked)
}

/// Every call may be made.
async fn may() -> Result<(), ClusterError> {
    Ok(())
}

fn tested(clusters: &Clusters, region: &RegionDetail) -> Result<(), ClusterError> {
    actix_web::rt::System::new().block_on(clusters.test(region, may))
}

fn failed(failure: ClusterFailure) -> Result<(), ClusterError> {
    Err(ClusterError::TestFailed(failure))
}

#[test]
fn no_call_goes_to_this_machine_its_wire_or_its_cloud_unless_that_is_allowed() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a listener");
    let port = listener.local_addr().expect("an address").port();
    for host in ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]"] {
        let (clusters, _) = finding(&[], "10.0.0.1");
        let region = region(1, &format!("http://{host}:{port}"));
        assert_eq!(tested(&clusters, &region), failed(ClusterFailure::Address), "{host}");
    }
    for found in [
        "127.0.0.1",
        "::1",
        "169.254.0.1",
        "fe80::1",
        "169.254.169.254",
        "100.100.100.200",
        "0.0.0.0",
    ] {
        let (clusters, looked) = finding(&["10.0.0.0/8"], found);
        let region = region(1, &format!("http://cluster.example:{port}"));
        assert_eq!(tested(&clusters, &region), failed(ClusterFailure::Address), "{found}");
        assert_eq!(looked.load(Ordering::SeqCst), 1, "{found} is looked up once");
    }
    assert!(listener.accept().is_err(), "somebody connected");
}

#[test]
fn a_token_is_never_sent_without_tls_and_its_host_not_even_looked_up() {
    for (url, token, expected, looks) in [
        ("http://cluster.example", "t", ClusterFailure::Insecure, 0),
        ("HTTP://cluster.example:443", "t", ClusterFailure::Insecure, 0),
        ("http://cluster.example", "", ClusterFailure::Address, 1),
        ("https://cluster.example", "t", ClusterFailure::Address, 1),
    ] {
        let (clusters, looked) = finding(&[], "127.0.0.1");
        let mut region = region(1, url);
        region.credentials.token = Some(Secret::from(token.to_owned()));
        assert_eq!(tested(&clusters, &region), failed(expected), "{url}");
        assert_eq!(looked.load(Ordering::SeqCst), looks, "{url}");
    }
}

/// A listener that says this to everybody who connects, whatever they say.
fn saying(text: &'static [u8]) -> u16 {
    use std::io::Write as _;
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            drop(stream.write_all(text));
        }
    });
    port
}

#[test]
fn a_name_without_address_a_closed_port_and_another_protocol_are_told_apart_by_nothing() {
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("an address").port()
    };
    let ssh = saying(b"SSH-2.0-OpenSSH_9.2\r\n");
    let silent = saying(b"");
    for (url, found) in [
        ("http://cluster.example".to_owned(), ""),
        (format!("http://cluster.example:{closed}"), "127.0.0.1"),
        (format!("https://cluster.example:{closed}"), "127.0.0.1"),
        (format!("http://cluster.example:{ssh}"), "127.0.0.1"),
        (format!("https://cluster.example:{ssh}"), "127.0.0.1"),
        (format!("http://cluster.example:{silent}"), "127.0.0.1"),
        (format!("https://cluster.example:{silent}"), "127.0.0.1"),
    ] {
        let (clusters, _) = finding(&["127.0.0.1"], found);
        let outcome = tested(&clusters, &region(1, &url));
        assert_eq!(outcome, failed(ClusterFailure::Unreachable), "{url}");
    }
}

#[test]
fn calls_of_one_region_and_of_one_enterprise_leave_room_for_others() {
    let (mut clusters, _) = finding(&[], "127.0.0.1");
    clusters.patience = Duration::ZERO;
    let (busy, called) = (failed(ClusterFailure::Busy), failed(ClusterFailure::Address));
    let url = "http://cluster.example";
    actix_web::rt::System::new().block_on(async {
        let (first, second) = (region(1, url), region(2, url));
        let mut foreign = region(3, url);
        foreign.region.enterprise_id = sample::hex(99);
        let of_region = [
            clusters.regions.acquire(first.region.id).await,
            clusters.regions.acquire(first.region.id).await,
        ];
        assert_eq!(clusters.test(&first, may).await, busy);
        assert_eq!(clusters.test(&second, may).await, called);
        drop(of_region);
        assert_eq!(clusters.test(&first, may).await, called);

        let mut of_enterprise = Vec::new();
        for _ in 0..OF_ENTERPRISE {
            of_enterprise.push(clusters.enterprises.acquire(first.region.enterprise_id).await);
        }
        assert_eq!(clusters.test(&first, may).await, busy);
        assert_eq!(clusters.test(&second, may).await, busy);
        assert_eq!(clusters.test(&foreign, may).await, called);
        drop(of_enterprise);

        let mut of_all = Vec::new();
        for number in 0..u64::try_from(AT_ONCE).expect("a number") {
            of_all.push(clusters.enterprises.acquire(sample::hex(1_000 + number)).await);
        }
        assert_eq!(clusters.test(&foreign, may).await, busy);
    });
}

#[test]
fn every_reason_has_a_code_of_its_own() {
    let codes: std::collections::HashSet<_> =
        ClusterFailure::ALL.into_iter().map(ClusterFailure::code).collect();
    assert_eq!(codes.len(), ClusterFailure::ALL.len());
}

#[test]
fn whether_a_call_may_be_made_is_asked_when_it_has_its_turn_and_nothing_comes_before_the_answer() {
    let refused = ClusterError::Refused;
    actix_web::rt::System::new().block_on(async {
        let (clusters, looked) = finding(&[], "127.0.0.1");
        let (region, team) = (region(1, "http://cluster.example"), sample::team());
        let turns = [
            clusters.regions.acquire(region.region.id).await,
            clusters.regions.acquire(region.region.id).await,
        ];
        let asked = AtomicUsize::new(0);
        let check = async || {
            asked.fetch_add(1, Ordering::SeqCst);
            Err(refused.clone())
        };
        let mut call = Box::pin(clusters.create_tenant(&team, &region, check));
        assert!(call.as_mut().now_or_never().is_none());
        assert_eq!(asked.load(Ordering::SeqCst), 0, "it waits for its turn");
        drop(turns);
        assert_eq!(call.await, Err(refused.clone()));
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        assert_eq!(clusters.test(&region, check).await, Err(refused.clone()));
        assert_eq!(clusters.delete_tenant(&team, &region, check).await, Err(refused.clone()));
        assert_eq!(looked.load(Ordering::SeqCst), 0, "not even the host was looked up");
    });
}

#[test]
fn a_cluster_that_was_not_called_did_not_forget_a_team_and_one_that_was_not_reached_is_told_apart()
{
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("an address").port()
    };
    let open = saying(b"HTTP/1.1 400 No\r\n\r\n");
    let not_told = |failure| Err(ClusterError::NotTold(failure));
    for (url, token, expected) in [
        ("http://cluster.example", "t", not_told(ClusterFailure::Insecure)),
        ("http://169.254.169.254", "", not_told(ClusterFailure::Address)),
        ("http://127.0.0.1:1/路径", "", not_told(ClusterFailure::Request)),
        (&format!("http://127.0.0.1:{closed}"), "t\nt", not_told(ClusterFailure::Insecure)),
        (&format!("https://127.0.0.1:{closed}"), "t\nt", not_told(ClusterFailure::Request)),
        (&format!("http://127.0.0.1:{closed}"), "", Ok(Some(ClusterFailure::Unreachable))),
        (&format!("https://127.0.0.1:{open}"), "", Ok(Some(ClusterFailure::Unreachable))),
        (&format!("http://127.0.0.1:{open}"), "", Err(ClusterError::NotForgotten)),
    ] {
        let (clusters, _) = finding(&["127.0.0.1"], "127.0.0.1");
        let mut region = region(1, url);
        region.credentials.token = Some(Secret::from(token.to_owned()));
        let team = sample::team();
        let told = clusters.delete_tenant(&team, &region, may);
        assert_eq!(actix_web::rt::System::new().block_on(told), expected, "{url} {token:?}");
    }
    let (mut clusters, _) = finding(&[], "127.0.0.1");
    clusters.patience = Duration::ZERO;
    actix_web::rt::System::new().block_on(async {
        let region = region(1, "http://cluster.example");
        let _turns = [
            clusters.regions.acquire(region.region.id).await,
            clusters.regions.acquire(region.region.id).await,
        ];
        let told = clusters.delete_tenant(&sample::team(), &region, may).await;
        assert_eq!(told, not_told(ClusterFailure::Busy));
    });
}
