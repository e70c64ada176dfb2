//! What is right with a region, but should not stay so.

use chrono::{DateTime, Utc};

use super::RegionDetail;
use super::tls::TlsWarning;
use crate::origin::Origin;

/// What should be changed about a region although it may be in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RegionWarning {
    /// TLS material expires soon.
    #[error(transparent)]
    Tls(#[from] TlsWarning),
    /// The region has a token, and its API is not reached by HTTPS: the token is never sent, and the
    /// region's API is not called.
    #[error("the token is sent over https only, and api_url is not https: the API is not called")]
    TokenWithoutTls,
}

impl RegionWarning {
    /// The part of the credentials that it is about.
    #[must_use]
    pub const fn part(&self) -> &'static str {
        match self {
            Self::Tls(warning) => warning.part().as_str(),
            Self::TokenWithoutTls => "token",
        }
    }

    /// The last second in which the part is of use, if it expires.
    #[must_use]
    pub const fn when(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Tls(warning) => Some(warning.when()),
            Self::TokenWithoutTls => None,
        }
    }
}

impl RegionDetail {
    /// Whether the region has a token that is not sent, because its API is not reached by HTTPS.
    #[must_use]
    pub fn withholds_token(&self) -> bool {
        let origin = Origin::of_url(self.region.addresses.api.as_ref());
        self.credentials.has_token() && !origin.is_some_and(|origin| origin.is_tls())
    }

    /// What should be changed about the region soon.
    #[must_use]
    pub fn warnings(&self, now: DateTime<Utc>) -> Vec<RegionWarning> {
        let token = self.withholds_token().then_some(RegionWarning::TokenWithoutTls);
        let tls = self.credentials.warnings(now).into_iter().map(RegionWarning::from);
        token.into_iter().chain(tls).collect()
    }
}
