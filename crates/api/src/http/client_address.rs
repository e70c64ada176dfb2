//! stub
use actix_web::HttpRequest;
use std::net::IpAddr;
/// stub
#[must_use]
pub fn of(request: &HttpRequest) -> Option<IpAddr> {
    request.peer_addr().map(|address| address.ip())
}
