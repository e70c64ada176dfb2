//! Compressed bodies, to a bound.
//!
//! A body is one member of gzip, as agents send it. The format allows for more of them, also for very
//! many that are empty, which take much time and come to nothing.

use std::io::Read as _;

use actix_web::web::Bytes;
use flate2::bufread::GzDecoder;

use crate::error::{Error, RequestError};

/// The largest that a compressed body may become, in bytes: 4 MiB.
const LARGEST: usize = 4 * 1024 * 1024;

/// How many bytes the length at the end of a member has.
const LENGTH: usize = 4;

/// What was compressed.
pub(super) fn gzip(body: &[u8]) -> Result<Bytes, Error> {
    gzip_if_small(body, LARGEST)?.ok_or_else(|| RequestError::TooLarge.into())
}

/// What was compressed, unless it has more than `most` bytes.
pub(super) fn gzip_if_small(body: &[u8], most: usize) -> Result<Option<Bytes>, Error> {
    // One byte more than may be there shows that there is more.
    let room = said_length(body).min(most) + 1;
    let mut plain = Vec::with_capacity(room);
    let mut decoder = GzDecoder::new(body);
    let bound = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let read = decoder.by_ref().take(bound).read_to_end(&mut plain);
    read.map_err(|_| malformed("the body is no gzip, or breaks off"))?;
    if plain.len() > most {
        return Ok(None);
    }
    if !decoder.into_inner().is_empty() {
        return Err(malformed("the body has more than one member of gzip"));
    }
    Ok(Some(plain.into()))
}

/// What stands at the end of a body about the length of what was compressed: so that memory is asked
/// for once, and not again and again as the text grows. It may be wrong.
fn said_length(body: &[u8]) -> usize {
    let length = body.last_chunk::<LENGTH>().map_or(0, |length| u32::from_le_bytes(*length));
    usize::try_from(length).unwrap_or(usize::MAX)
}

fn malformed(reason: &str) -> Error {
    RequestError::Malformed(reason.to_owned()).into()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn compressed(size: usize) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        let zeros = vec![0; size];
        encoder.write_all(&zeros).and_then(|()| encoder.finish()).expect("memory does not fail")
    }

    #[test]
    fn a_body_is_inflated_to_the_bound_and_not_beyond() {
        assert_eq!(gzip(&compressed(LARGEST)).map(|body| body.len()).ok(), Some(LARGEST));
        for size in [LARGEST + 1, 64 * LARGEST] {
            let result = gzip(&compressed(size));
            assert!(matches!(result, Err(Error::Request(RequestError::TooLarge))), "{size}");
        }
        assert_eq!(gzip_if_small(&compressed(100), 100).ok().flatten().map(|b| b.len()), Some(100));
        assert_eq!(gzip_if_small(&compressed(101), 100).ok(), Some(None));
        let cut = compressed(1000);
        for body in [&b""[..], b"m f=1", &cut[..cut.len() - 1]] {
            let result = gzip(body);
            assert!(matches!(result, Err(Error::Request(RequestError::Malformed(_)))));
        }
    }

    #[test]
    fn a_body_is_one_member_of_gzip() {
        let (one, empty) = (compressed(100), compressed(0));
        assert_eq!(gzip(&empty).map(|body| body.len()).ok(), Some(0));
        let bodies = [
            [one.clone(), one.clone()].concat(),
            [one.clone(), empty.clone()].concat(),
            [empty.clone(), one.clone()].concat(),
            empty.repeat(50_000),
            [one, b"x".to_vec()].concat(),
        ];
        for body in bodies {
            let result = gzip(&body);
            assert!(
                matches!(&result, Err(Error::Request(RequestError::Malformed(_)))),
                "{result:?}"
            );
        }
    }
}
