//! Where the register may connect to when somebody else says where: not into the networks that it
//! stands in itself, unless an operator allowed that.
//!
//! The lists are those of the registries of special addresses (RFC 6890 and its successors, at IANA)
//! and the addresses at which clouds tell a machine its credentials.

mod address;
mod allowed;

pub use address::{AddressKind, refuse};
pub use allowed::{Allowed, AllowedError};

#[cfg(test)]
mod tests;
