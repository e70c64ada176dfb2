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

operations! {
    /// Lists the regions of the caller's enterprise.
    ListRegions "list_regions" ReadRegions false;
    /// Adds a region.
    CreateRegion "create_region" ManageRegions true;
    /// Changes a region of any enterprise.
    UpdateRegion "update_region" ManagePlatform true;
    /// Shows the credentials of a region, to some callers in clear.
    GetRegionCredentials "get_region_credentials" ReadRegions false;
    /// Creates a team.
    CreateTeam "create_team" ManageTeams true;
    /// Shows a team.
    GetTeam "get_team" ReadTeams false;
    /// Opens a region for a team.
    OpenRegion "open_region" OpenRegions true;
    /// Registers a node.
    RegisterNode "register_node" ManageNodes true;
    /// Lists users.
    ListUsers "list_users" ReadUsers false;
    /// Adds a user.
    CreateUser "create_user" ManageUsers true;
    /// Lists tokens.
    ListTokens "list_tokens" ManageTokens false;
    /// Makes a token.
    CreateToken "create_token" ManageTokens true;
    /// Shows a token, never its secret.
    GetToken "get_token" ManageTokens false;
    /// Gives a token another secret.
    RotateToken "rotate_token" ManageTokens true;
    /// Revokes a token.
    RevokeToken "revoke_token" ManageTokens true;
    /// Lists audit entries.
    ListAuditEntries "list_audit_entries" ReadAudit false;
}
