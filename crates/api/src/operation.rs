//! Every operation of the register: its name, the right that it takes, and whether it changes
//! anything. An operation stands in the type of its handler's argument, so none can do without.
use cadastre_domain::opening::OpeningRefusal;
use cadastre_domain::role::Right;
use cadastre_domain::token::Caller;

use crate::error::{Error, Unauthenticated};

/// An operation, as a type.
///
/// A handler says in its argument which one it serves, and a path serves nothing else:
///
/// ```
/// use actix_web::http::Method;
/// use cadastre_api::http::call::{Call, Face};
/// use cadastre_api::http::routes::Path;
/// use cadastre_api::operation::ListRegions;
///
/// async fn list<F: Face>(_: Call<F, ListRegions>) -> &'static str {
///     "regions"
/// }
///
/// fn path<F: Face>() -> Path<F> {
///     Path::new("/regions").on(Method::GET, list::<F>)
/// }
/// ```
///
/// What is no operation, and so has no right, cannot be served:
///
/// ```compile_fail,E0277
/// use actix_web::http::Method;
/// use cadastre_api::http::call::{Call, Face};
/// use cadastre_api::http::routes::Path;
///
/// enum Undeclared {}
///
/// async fn list<F: Face>(_: Call<F, Undeclared>) -> &'static str {
///     "regions"
/// }
///
/// fn path<F: Face>() -> Path<F> {
///     Path::new("/regions").on(Method::GET, list::<F>)
/// }
/// ```
///
/// Nor can a handler that names none:
///
/// ```compile_fail,E0593
/// use actix_web::http::Method;
/// use cadastre_api::http::call::Face;
/// use cadastre_api::http::routes::Path;
///
/// async fn list() -> &'static str {
///     "regions"
/// }
///
/// fn path<F: Face>() -> Path<F> {
///     Path::new("/regions").on(Method::GET, list)
/// }
/// ```
pub trait Operation: 'static {
    /// What is known of it.
    const INFO: Info;

    /// Lets a caller with the right pass.
    ///
    /// # Errors
    /// What a caller without the right is told.
    fn check(caller: &Caller) -> Result<(), Error> {
        if caller.may(Self::INFO.right) { Ok(()) } else { Err(Self::refusal()) }
    }

    /// What a caller without the right is told.
    #[must_use]
    fn refusal() -> Error {
        match Self::INFO.right {
            // Whoever lacks it is nobody to the management interface.
            Right::ManagePlatform => Error::Unauthenticated(Unauthenticated::NotPlatform),
            Right::OpenRegions => Error::Opening(OpeningRefusal::NotPermitted),
            _ => Error::Forbidden,
        }
    }
}

/// What is known of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Info {
    /// Its name, as documents and audit entries tell it.
    pub name: &'static str,
    /// The right that it takes.
    pub right: Right,
    /// Whether it changes anything. That a known caller was refused is then noted.
    pub changes: bool,
}

/// Declares operations: documentation, type, name, right, and `reads` or `changes`.
macro_rules! operations {
    ($($(#[$doc:meta])* $type:ident $name:literal $right:ident $changes:literal;)*) => {
        $(
            $(#[$doc])*
            pub enum $type {}
            impl Operation for $type {
                const INFO: Info =
                    Info { name: $name, right: Right::$right, changes: $changes };
            }
        )*

        /// All operations.
        pub const ALL: &[Info] = &[$($type::INFO),*];
    };
}

mod list;

pub use list::*;
