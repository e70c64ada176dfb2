//! Answers to what handlers do not answer.

use actix_web::http::StatusCode;
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, call_service, init_service, try_call_service};

use super::*;
use actix_web::HttpResponse;

/// As no handler does it on purpose; without the message that a panic prints.
async fn panics() -> &'static str {
    std::panic::resume_unwind(Box::new("a bad handler"))
}

#[actix_web::test]
async fn a_panic_is_answered_like_everything_else() {
    let service = actix_web::App::new().default_service(web::to(panics)).wrap(from_fn(track));
    let service = init_service(service).await;
    for path in ["/", "/openapi/v1/regions", "/api/v1/nothing"] {
        let request = TestRequest::with_uri(path).to_request();
        let Err(error) = try_call_service(&service, request).await else {
            panic!("{path} is answered by the handler")
        };
        let response = error.error_response();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        for name in ["x-request-id", "x-content-type-options", "content-security-policy"] {
            assert!(response.headers().contains_key(name), "{path}: {name}");
        }
    }
}

#[actix_web::test]
async fn the_error_of_a_middleware_is_marked_and_keeps_its_status() {
    let refuse = |_: ServiceRequest, _: Next<BoxBody>| async {
        Err::<ServiceResponse, _>(actix_web::error::ErrorImATeapot("no"))
    };
    let service = actix_web::App::new().wrap(from_fn(refuse)).wrap(from_fn(track));
    let service = init_service(service).await;
    let Err(error) = try_call_service(&service, TestRequest::default().to_request()).await else {
        panic!("it is let through")
    };
    let response = error.error_response();
    assert_eq!(response.status(), StatusCode::IM_A_TEAPOT);
    assert!(response.headers().contains_key("x-frame-options"));
}

#[actix_web::test]
async fn what_a_handler_says_of_caching_stays() {
    let cached =
        || async { HttpResponse::Ok().insert_header(("cache-control", "max-age=60")).finish() };
    let service = actix_web::App::new().default_service(web::to(cached)).wrap(from_fn(track));
    let service = init_service(service).await;
    let response = call_service(&service, TestRequest::default().to_request()).await;
    let said: Vec<_> = response.headers().get_all("cache-control").collect();
    assert_eq!(said, ["max-age=60"]);
}
