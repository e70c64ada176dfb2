//! Handlers that panic with a secret in hand: where they did is logged, and nothing else.
//!
//! No handler does it on purpose, so the test serves some of its own, between the same middleware
//! and with the same log, in a process of its own: hook and log are those of a whole process.

use std::net::{SocketAddr, TcpListener};
use std::thread;

use actix_web::middleware::from_fn;
use actix_web::rt::System;
use actix_web::{HttpResponse, HttpServer, web};
use cadastre_api::app::{App, Writer};
use cadastre_api::config::{Config, ServeOptions};
use cadastre_api::error::Error;
use cadastre_api::http::refusals::note_refusals;
use cadastre_api::http::track::track;
use cadastre_api::{logging, start};
use cadastre_domain::secret::Secret;
use cadastre_testkit::sqlite;

use crate::support::{Call, LIMIT, Place, Process};

/// The name of this test, and of what tells it that it is the process that serves.
const NAME: &str = "panics::a_handler_that_panics_with_a_secret_in_hand_gives_none_of_it_away";
const SERVES: &str = "CADASTRE_TEST_SERVES";

/// Where handlers panic: on the event loop, on a thread that reads, on the one that writes.
const PATHS: [&str; 3] = ["/openapi/v1/loop", "/cadastre/v1/reading", "/api/v1/writing"];

/// What clients send, and every message of a panic contains.
const SECRET: &str = "hush-hunter2";

fn panic_with<T>(secret: &Secret) -> T {
    panic!("a fault at {}", secret.reveal())
}

async fn on_the_loop(body: String) -> HttpResponse {
    panic_with(&Secret::from(body))
}

async fn while_reading(app: web::Data<App>, body: String) -> HttpResponse {
    let secret = Secret::from(body);
    failed(app.read::<()>(move |_| panic_with(&secret)).await)
}

async fn while_writing(app: web::Data<App>, body: String) -> HttpResponse {
    let secret = Secret::from(body);
    failed(app.write::<()>(Writer::Register, move |_| panic_with(&secret)).await)
}

/// What came of it, told in full, and logged as failures are.
fn failed(outcome: Result<(), Error>) -> HttpResponse {
    let error = outcome.unwrap_err();
    error.log();
    HttpResponse::InternalServerError().body(format!("{error} {error:?}"))
}

/// Serves them.
fn serve(app: App) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let service = move || {
        actix_web::App::new()
            .app_data(web::Data::new(app.clone()))
            .route(PATHS[0], web::to(on_the_loop))
            .route(PATHS[1], web::to(while_reading))
            .route(PATHS[2], web::to(while_writing))
            .wrap(from_fn(note_refusals))
            .wrap(from_fn(track))
    };
    thread::spawn(move || {
        let server = HttpServer::new(service).workers(1).disable_signals();
        System::new().block_on(server.listen(listener).unwrap().run())
    });
    address
}

/// Serves them, asks each and prints the answers.
fn serve_and_ask() {
    logging::start("info");
    let database = sqlite();
    let mut options = ServeOptions::default();
    options.database.database_url = Some(database.url().to_owned());
    let keys = database.master_key_file();
    options.database.master_key_file = Some(keys.to_str().unwrap().to_owned());
    let app = start::app(&Config::new(options).unwrap());
    app.store.prepare(app.clock.now(), |_| Ok::<_, Error>(())).unwrap();
    let call = Call::to(serve(app));
    for path in PATHS {
        let answer = call.send_text("POST", path, &[], SECRET).unwrap();
        println!("answer: {} {}", answer.head(), answer.text);
    }
    logging::finish();
}

#[test]
fn a_handler_that_panics_with_a_secret_in_hand_gives_none_of_it_away() {
    if std::env::var_os(SERVES).is_some() {
        return serve_and_ask();
    }
    let program = std::env::current_exe().unwrap();
    let place = Place::empty().with(SERVES, "1");
    let mut command = place.command(program.to_str().unwrap());
    let ended = Process::spawn(command.args([NAME, "--exact", "--nocapture"])).wait(LIMIT);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let lines = |text: &str, what: &str| text.lines().filter(|line| line.contains(what)).count();
    assert_eq!(lines(&ended.stdout, "answer: 500 "), PATHS.len(), "{ended:?}");
    let panics: Vec<_> =
        ended.stderr.lines().filter(|line| line.contains(" a panic at ")).collect();
    assert_eq!(panics.len(), PATHS.len(), "{ended:?}");
    for line in panics {
        // Time, level and the id of the request come before.
        let id = line.split(' ').nth(2).unwrap();
        assert!(id.len() == 32 && line.contains("panics.rs:"), "{line}");
    }
    for path in PATHS {
        assert_eq!(lines(&ended.stderr, &format!(" access: POST {path} ")), 1, "{ended:?}");
    }
    assert!(!ended.stdout.contains("hush") && !ended.stderr.contains("hush"), "{ended:?}");
}
