//! What is asked about certificates: how it is described, and how it is read.

use cadastre_domain::region::tls::TlsPart;
use cadastre_storage::CertificatePlace;
use chrono::{DateTime, Utc};
use utoipa::IntoParams;

/// Which certificates to list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes a parameter that is read elsewhere")]
pub(in crate::native) struct CertificateQuery {
    /// Those that expire before this time.
    expires_before: Option<DateTime<Utc>>,
}

/// The place in the list of a region that a cursor names.
pub(super) fn place_in_region(text: &str) -> Result<(TlsPart, u16), &'static str> {
    let place = text.split_once(':');
    let place = place.and_then(|(part, place)| part.parse().ok().zip(place.parse().ok()));
    place.ok_or("is no place in the list")
}

/// The place in the list of all that a cursor names.
pub(super) fn place(text: &str) -> Result<CertificatePlace, &'static str> {
    let parts: Vec<_> = text.split(':').collect();
    let place = match parts[..] {
        [at, region, part, place] => at
            .parse()
            .ok()
            .zip(region.parse().ok())
            .zip(place.parse().ok().map(|place| (part.to_owned(), place))),
        _ => None,
    };
    let place = place.and_then(|((at, region), (part, place))| {
        Some((DateTime::from_timestamp_micros(at)?, region, part, place))
    });
    place.ok_or("is no place in the list")
}

#[cfg(test)]
mod tests {
    use cadastre_domain::id::RegionId;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_panics(text in ".*") {
            let _ = (place(&text), place_in_region(&text));
        }

        #[test]
        fn every_place_reads_back(micros in 0_i64..9_999_999_999_999_999, at in 0_u16..600) {
            let region = RegionId::from_bytes([7; 16]);
            let read = place(&format!("{micros}:{region}:ca:{at}"));
            let time = DateTime::from_timestamp_micros(micros);
            let expected = time.map(|time| (time, region, "ca".to_owned(), i32::from(at)));
            prop_assert_eq!(read.ok(), expected);
        }
    }
}
