//! What the guard lets through, with a resolver that says what a test wants.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, TcpListener};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;

use super::look_up::LookUp;
use super::*;

/// Calls that find these addresses for every host, and count how often they look.
fn finding(allowed: &[&str], found: Vec<Vec<IpAddr>>) -> (Outbound, Arc<AtomicUsize>) {
    let allowed = Allowed::new(allowed.iter().copied()).expect("networks");
    let looked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&looked);
    let look_up = LookUp::by(move |_| {
        let place = count.fetch_add(1, Ordering::SeqCst);
        found[place.min(found.len() - 1)].clone()
    });
    (Outbound { guard: Guard { look_up, ..Guard::new(allowed) }, ..plain() }, looked)
}

/// Calls that nothing is allowed to beyond the public network.
fn plain() -> Outbound {
    Outbound::new(Allowed::default())
}

fn post(outbound: &Outbound, url: &str) -> Result<u16, OutboundError> {
    actix_web::rt::System::new().block_on(post_for(outbound, 1, url))
}

/// A call for the enterprise of this number.
async fn post_for(outbound: &Outbound, number: u8, url: &str) -> Result<u16, OutboundError> {
    let url = WebhookUrl::try_from(url.to_owned()).expect("a URL");
    let enterprise = EnterpriseId::from_bytes([number; 16]);
    outbound.post(enterprise, &url, &[], b"{}".to_vec()).await
}

/// A listener that takes one request and answers 200; the head of the request.
fn receiver() -> (u16, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let heard = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a caller");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n{}") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("a request");
            head.push(byte[0]);
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").expect("an answer");
        String::from_utf8(head).expect("text")
    });
    (port, heard)
}

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

#[test]
fn a_name_is_looked_up_once_and_the_connection_goes_to_what_was_judged() {
    let (port, heard) = receiver();
    // A second look-up would find an address that is refused, and where nobody listens.
    let (good, bad) = (vec![address("127.0.0.1")], vec![address("169.254.169.254")]);
    let (outbound, looked) = finding(&["127.0.0.1"], vec![good, bad]);
    let url = format!("http://hooks.example.com:{port}/x?to=https://example.com");
    assert_eq!(post(&outbound, &url), Ok(200));
    assert_eq!(looked.load(Ordering::SeqCst), 1);
    let request = heard.join().expect("a request").to_lowercase();
    assert!(request.starts_with("post /x?to=https://example.com http/1.1\r\n"), "{request}");
    assert!(request.contains(&format!("host: hooks.example.com:{port}\r\n")), "{request}");
}

#[test]
fn one_address_that_is_refused_refuses_the_host() {
    for (addresses, kind) in [
        (&["127.0.0.1", "10.0.0.1"][..], AddressKind::Private),
        (&["10.0.0.1", "127.0.0.1"], AddressKind::Private),
        (&["127.0.0.1", "::1"], AddressKind::Loopback),
        (&["127.0.0.1", "::ffff:169.254.169.254"], AddressKind::Metadata),
        (&["127.0.0.1", "fe80::1"], AddressKind::LinkLocal),
    ] {
        let found = addresses.iter().map(|text| address(text)).collect();
        let (outbound, _) = finding(&["127.0.0.1"], vec![found]);
        let refused = post(&outbound, "http://hooks.example.com:1/");
        assert_eq!(refused, Err(OutboundError::Refused(kind)), "{addresses:?}");
    }
}

#[test]
fn an_address_in_the_url_is_judged_without_looking_it_up() {
    let (outbound, looked) = finding(&[], vec![vec![]]);
    for (url, kind) in [
        ("http://127.0.0.1:1/", AddressKind::Loopback),
        ("http://[::1]:1/", AddressKind::Loopback),
        ("https://[64:ff9b::7f00:1]/", AddressKind::Loopback),
        ("http://192.168.1.1/", AddressKind::Private),
        ("http://0.0.0.0/", AddressKind::Unspecified),
    ] {
        assert_eq!(post(&outbound, url), Err(OutboundError::Refused(kind)), "{url}");
    }
    assert_eq!(looked.load(Ordering::SeqCst), 0);
}

#[test]
fn a_host_without_an_address_is_not_known() {
    let (outbound, _) = finding(&[], vec![vec![]]);
    assert_eq!(post(&outbound, "http://nowhere.example.com/"), Err(OutboundError::UnknownHost));
}

#[test]
fn the_next_address_is_tried_when_nobody_listens_at_the_first() {
    let (port, heard) = receiver();
    let found = vec![address("127.0.0.2"), address("127.0.0.1")];
    let (outbound, _) = finding(&["127.0.0.0/8"], vec![found]);
    assert_eq!(post(&outbound, &format!("http://hooks.example.com:{port}/")), Ok(200));
    heard.join().expect("a request");
    let refused = post(&outbound, "http://hooks.example.com:1/");
    assert!(matches!(refused, Err(OutboundError::Connection(_))), "{refused:?}");
}

#[test]
fn a_failure_tells_nothing_of_the_path_and_the_address() {
    let (outbound, _) = finding(&["127.0.0.0/8"], vec![vec![address("127.0.0.9")]]);
    let failed =
        post(&outbound, "http://hooks.example.com:1/T0/secret?token=x").expect_err("nobody");
    let told = failed.to_string();
    assert!(told.starts_with("no connection: ") && told.lines().count() == 1, "{told}");
    assert!(!["secret", "token", "127.0.0.9"].iter().any(|word| told.contains(word)), "{told}");
}

/// Calls with a resolver that answers for one host only, and how often it was asked for others, which
/// hang until this is unlocked.
fn hanging(answers: &'static str) -> (Outbound, Arc<AtomicUsize>, Arc<Mutex<()>>) {
    let (asked, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(())));
    let (count, shut) = (Arc::clone(&asked), Arc::clone(&gate));
    let look_up = LookUp::by(move |host| {
        if host != answers {
            count.fetch_add(1, Ordering::SeqCst);
            drop(shut.lock());
        }
        vec![address("127.0.0.1")]
    });
    let allowed = Allowed::new(["127.0.0.1"]).expect("a network");
    (Outbound { guard: Guard { look_up, ..Guard::new(allowed) }, ..plain() }, asked, gate)
}

#[test]
fn hosts_that_nobody_finds_hold_up_the_enterprise_alone_that_names_them() {
    let (port, heard) = receiver();
    let (outbound, asked, gate) = hanging("hooks.example.com");
    let shut = gate.lock().expect("a gate");
    actix_web::rt::System::new().block_on(async {
        let slow = (0..80).map(|n| format!("http://slow{n}.example.com:1/"));
        let slow = slow.map(|url| {
            let outbound = outbound.clone();
            async move { post_for(&outbound, 1, &url).await }
        });
        let slow: Vec<_> = slow.map(actix_web::rt::spawn).collect();
        while asked.load(Ordering::SeqCst) < 4 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let url = format!("http://hooks.example.com:{port}/");
        assert_eq!(post_for(&outbound, 2, &url).await, Ok(200));
        assert!(slow.iter().all(|slow| !slow.is_finished()), "nobody found anything yet");
        slow.iter().for_each(actix_web::rt::task::JoinHandle::abort);
    });
    assert_eq!(asked.load(Ordering::SeqCst), 4, "no more at once for one enterprise");
    drop(shut);
    heard.join().expect("a request");
}
