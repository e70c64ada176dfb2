//! The floor: the least that a server of this kind can do for a request.

use std::future::{Ready, ready};
use std::net::SocketAddr;

use actix_web::{App, HttpResponse, HttpServer, web};

use crate::Outcome;

/// As many as the register is given.
const WORKERS: usize = 2;

/// Serves so many bytes of JSON until killed, whatever it is asked for.
pub fn serve(listen: SocketAddr, size: usize) -> Outcome {
    let rest = size.saturating_sub(r#"{"text":""}"#.len());
    let body = format!(r#"{{"text":"{}"}}"#, "x".repeat(rest));
    let server = HttpServer::new(move || {
        let body = web::Bytes::from(body.clone());
        let same = body.clone();
        let anywhere = web::to(move || answer(same.clone()));
        App::new().route("/", web::get().to(move || answer(body.clone()))).default_service(anywhere)
    });
    let server = server.workers(WORKERS).bind(listen)?.run();
    Ok(actix_web::rt::System::new().block_on(server)?)
}

fn answer(body: web::Bytes) -> Ready<HttpResponse> {
    ready(HttpResponse::Ok().content_type("application/json").body(body))
}
