//! The dialing face: the part of the Guance OpenAPI that manages self-built dial-testing nodes.

mod call;
mod document;
mod fields;
mod nodes;
mod query;
mod tasks;
pub mod wire;

use actix_web::http::Method;
use actix_web::web;

use crate::http::routes::{Endpoint, Path, Paths};
use call::Dialing;
pub use document::document;

/// What is served.
fn paths() -> Paths<Dialing> {
    let paths = vec![
        Path::new("/dialing_region/regist").on(Method::POST, nodes::register),
        Path::new("/dialing_region/list").on(Method::GET, nodes::list),
        Path::new("/dialing_region/{uuid}/info").on(Method::GET, nodes::info),
        Path::new("/dialing_region/{uuid}/modify").on(Method::POST, nodes::modify),
        Path::new("/dialing_region/{uuid}/delete")
            .on(Method::POST, nodes::delete)
            .on(Method::GET, nodes::delete_by_get),
        Path::new("/dialing_task/default_region_list").on(Method::GET, nodes::public),
        Path::new("/dialing_task/add").on(Method::POST, tasks::add),
        Path::new("/dialing_task/multi_task_add").on(Method::POST, tasks::add_multi),
        Path::new("/dialing_task/list").on(Method::GET, tasks::list),
        Path::new("/dialing_task/set_disable").on(Method::POST, tasks::set_disable),
        Path::new("/dialing_task/delete").on(Method::POST, tasks::delete),
        Path::new("/dialing_task/{uuid}/get").on(Method::GET, tasks::get),
        Path::new("/dialing_task/{uuid}/modify").on(Method::POST, tasks::modify),
        Path::new("/dialing_task/{uuid}/multi_task_modify").on(Method::POST, tasks::modify_multi),
    ];
    Paths::new("/api/v1", paths)
}

/// Everything that is served.
pub fn endpoints() -> Vec<Endpoint> {
    paths().endpoints()
}

/// Adds the routes.
pub fn configure(service: &mut web::ServiceConfig) {
    service.service(paths().scope(""));
}
