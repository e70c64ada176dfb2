//! Compressed bodies, to a bound.

use std::io::Read as _;

use actix_web::web::Bytes;
use flate2::read::MultiGzDecoder;

use crate::error::{Error, RequestError};

/// The largest that a compressed body may become, in bytes: 4 MiB.
const LARGEST: u64 = 4 * 1024 * 1024;

/// What was compressed.
pub(super) fn gzip(body: &[u8]) -> Result<Bytes, Error> {
    let mut plain = Vec::new();
    // One byte more than may be there shows that there is more.
    let read = MultiGzDecoder::new(body).take(LARGEST + 1).read_to_end(&mut plain);
    read.map_err(|_| RequestError::Malformed("the body is no gzip, or breaks off".to_owned()))?;
    if plain.len() as u64 > LARGEST {
        return Err(RequestError::TooLarge.into());
    }
    Ok(plain.into())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn compressed(size: u64) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        let zeros = vec![0; usize::try_from(size).expect("fits")];
        encoder.write_all(&zeros).and_then(|()| encoder.finish()).expect("memory does not fail")
    }

    #[test]
    fn a_body_is_inflated_to_the_bound_and_not_beyond() {
        assert_eq!(gzip(&compressed(LARGEST)).map(|body| body.len() as u64).ok(), Some(LARGEST));
        for size in [LARGEST + 1, 64 * LARGEST] {
            let result = gzip(&compressed(size));
            assert!(matches!(result, Err(Error::Request(RequestError::TooLarge))), "{size}");
        }
        let cut = compressed(1000);
        for body in [&b""[..], b"m f=1", &cut[..cut.len() - 1]] {
            let result = gzip(body);
            assert!(matches!(result, Err(Error::Request(RequestError::Malformed(_)))));
        }
    }
}
