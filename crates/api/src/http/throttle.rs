//! stub
use std::net::IpAddr;
/// stub
#[derive(Debug, Default)]
pub struct WrongTokens;
impl WrongTokens {
    /// stub
    #[must_use]
    pub fn refused(&self, _from: IpAddr) -> Option<u64> {
        None
    }
    /// stub
    pub fn count(&self, _from: IpAddr) {}
}
