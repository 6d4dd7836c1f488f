//! Bodies in every encoding, made once.

use std::io::{self, Write};

use actix_web::http::header::{HeaderValue, InvalidHeaderValue};
use brotli::CompressorWriter;
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};

/// Smaller than this, a body is sent as it is.
const WORTHWHILE: usize = 512;
/// A tenth of the best quality's time for a few percent more: bodies are made anew every few seconds.
const BROTLI_QUALITY: u32 = 5;
/// Windows in bits. The compressor's memory grows with its window, and a window that holds the body finds all that is
/// in it. With fewer bits than 17 the compressor searches in another way.
const BROTLI_WINDOWS: std::ops::RangeInclusive<u32> = 17..=22;
const GZIP_LEVEL: u32 = 6;

/// A form in which a body is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    /// As it is.
    Identity,
    /// Brotli.
    Brotli,
    /// Gzip.
    Gzip,
}

/// Which encodings are made of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Make {
    /// All, for a body that is sent many times.
    All,
    /// One, for a body that is sent once.
    Only(Coding),
}

/// A body, its encodings and their tags.
#[derive(Debug, Clone)]
pub(crate) struct Encoded {
    identity: Variant,
    brotli: Option<Variant>,
    gzip: Option<Variant>,
    /// The hash of the body, in hexadecimal digits: what all tags begin with.
    hash: String,
}

/// A body in one encoding.
#[derive(Debug, Clone)]
pub(crate) struct Variant {
    /// What is sent.
    pub(crate) bytes: Bytes,
    /// Its strong tag.
    pub(crate) etag: HeaderValue,
}

/// A body that could not be encoded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EncodeError {
    /// A compressor failed.
    #[error("a body cannot be compressed")]
    Compress(#[from] io::Error),
    /// A tag is no header.
    #[error("a tag cannot be written")]
    Tag(#[from] InvalidHeaderValue),
}

impl Encoded {
    /// Encodes a body.
    ///
    /// # Errors
    /// None that a body can cause: compressing in memory does not fail.
    pub(crate) fn new(body: impl Into<Bytes>, make: Make) -> Result<Self, EncodeError> {
        let body: Bytes = body.into();
        let hash = hash(&body);
        let compressed = |coding, compress: fn(&[u8]) -> io::Result<Vec<u8>>, suffix| {
            if body.len() < WORTHWHILE || !make.includes(coding) {
                return Ok(None);
            }
            let bytes = compress(&body)?;
            let is_smaller = bytes.len() < body.len();
            is_smaller.then(|| Variant::new(bytes, &hash, suffix)).transpose().map_err(EncodeError::Tag)
        };
        Ok(Self {
            brotli: compressed(Coding::Brotli, brotli, "-br")?,
            gzip: compressed(Coding::Gzip, gzip, "-gz")?,
            identity: Variant::new(body, &hash, "")?,
            hash,
        })
    }

    /// A body that was encoded before.
    ///
    /// # Errors
    /// None.
    pub(crate) fn ready(
        body: &'static [u8],
        brotli: &'static [u8],
        gzip: &'static [u8],
    ) -> Result<Self, EncodeError> {
        let hash = hash(body);
        Ok(Self {
            brotli: Some(Variant::new(brotli, &hash, "-br")?),
            gzip: Some(Variant::new(gzip, &hash, "-gz")?),
            identity: Variant::new(body, &hash, "")?,
            hash,
        })
    }

    /// The body in an encoding, or as it is where that was not worthwhile.
    pub(crate) fn variant(&self, coding: Coding) -> (Coding, &Variant) {
        let made = match coding {
            Coding::Identity => None,
            Coding::Brotli => self.brotli.as_ref(),
            Coding::Gzip => self.gzip.as_ref(),
        };
        made.map_or((Coding::Identity, &self.identity), |variant| (coding, variant))
    }

    /// Whether it is this body.
    pub(crate) fn is_of(&self, body: &[u8]) -> bool {
        self.identity.bytes == body
    }

    /// Whether a tag, without its quotes, is that of this body in any encoding.
    pub(crate) fn has_tag(&self, tag: &str) -> bool {
        tag.strip_prefix(&*self.hash).is_some_and(|suffix| matches!(suffix, "" | "-br" | "-gz"))
    }
}

impl Variant {
    fn new(bytes: impl Into<Bytes>, hash: &str, suffix: &str) -> Result<Self, InvalidHeaderValue> {
        let etag = HeaderValue::try_from(format!("\"{hash}{suffix}\""))?;
        Ok(Self { bytes: bytes.into(), etag })
    }
}

impl Make {
    fn includes(self, coding: Coding) -> bool {
        match self {
            Self::All => true,
            Self::Only(only) => only == coding,
        }
    }
}

impl Coding {
    /// The value of `Content-Encoding`; `None` for the body as it is.
    pub(crate) const fn header(self) -> Option<HeaderValue> {
        match self {
            Self::Identity => None,
            Self::Brotli => Some(HeaderValue::from_static("br")),
            Self::Gzip => Some(HeaderValue::from_static("gzip")),
        }
    }
}

/// What the tags of a body begin with.
fn hash(body: &[u8]) -> String {
    Sha256::digest(body).iter().take(9).map(|byte| format!("{byte:02x}")).collect()
}

fn brotli(body: &[u8]) -> io::Result<Vec<u8>> {
    let buffer = body.len().clamp(1, 65_536);
    let mut writer = CompressorWriter::new(Vec::new(), buffer, BROTLI_QUALITY, window(body.len()));
    writer.write_all(body)?;
    // This ends the stream; a flush before would add bytes to it.
    Ok(writer.into_inner())
}

/// The smallest window that holds a body, or the largest.
fn window(n_bytes: usize) -> u32 {
    let holds = |bits: &u32| (1_usize << bits) - 16 >= n_bytes;
    BROTLI_WINDOWS.into_iter().find(holds).unwrap_or(*BROTLI_WINDOWS.end())
}

fn gzip(body: &[u8]) -> io::Result<Vec<u8>> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::new(GZIP_LEVEL));
    writer.write_all(body)?;
    writer.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn every_encoding_holds_the_same_body_under_its_own_tag() {
        let body = "all systems go ".repeat(200);
        let encoded = Encoded::new(body.clone(), Make::All).unwrap();
        let tag = |coding| encoded.variant(coding).1.etag.to_str().unwrap().trim_matches('"').to_owned();
        let hash = tag(Coding::Identity);
        assert_eq!((tag(Coding::Brotli), tag(Coding::Gzip)), (format!("{hash}-br"), format!("{hash}-gz")));

        let mut unpacked = String::new();
        let packed = &encoded.variant(Coding::Gzip).1.bytes;
        flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut unpacked).unwrap();
        assert_eq!(unpacked, body);
        unpacked.clear();
        let packed = &encoded.variant(Coding::Brotli).1.bytes;
        brotli::Decompressor::new(&packed[..], 4_096).read_to_string(&mut unpacked).unwrap();
        assert_eq!(unpacked, body);

        for tag in [hash.clone(), format!("{hash}-br"), format!("{hash}-gz")] {
            assert!(encoded.has_tag(&tag));
        }
        for tag in ["", "x", &hash[1..], &format!("{hash}-zstd")] {
            assert!(!encoded.has_tag(tag), "{tag}");
        }
    }

    #[test]
    fn a_window_holds_its_body_and_finds_as_much_as_the_largest() {
        assert_eq!([0, 131_056, 131_057, 4_194_288, 9_000_000].map(window), [17, 17, 18, 22, 22]);
        for n_rows in [60_u64, 900, 3_000, 9_000] {
            let row = |number: u64| {
                format!("{{\"id\":{number},\"n\":{}}},", number.wrapping_mul(0x9e37_79b9_7f4a) % 8_191)
            };
            let body: String = (0..n_rows).map(row).collect();
            let mut widest = CompressorWriter::new(Vec::new(), 65_536, BROTLI_QUALITY, *BROTLI_WINDOWS.end());
            widest.write_all(body.as_bytes()).unwrap();
            let (ours, widest) = (brotli(body.as_bytes()).unwrap(), widest.into_inner());
            assert!(ours.len() <= widest.len() + widest.len() / 100 + 4, "{} {}", ours.len(), widest.len());
        }
    }

    #[test]
    fn small_bodies_and_unasked_encodings_are_left_out() {
        let small = Encoded::new("ok", Make::All).unwrap();
        assert_eq!(small.variant(Coding::Brotli).0, Coding::Identity);
        let one = Encoded::new("a".repeat(2_000), Make::Only(Coding::Gzip)).unwrap();
        assert_eq!(one.variant(Coding::Brotli).0, Coding::Identity);
        assert_eq!(one.variant(Coding::Gzip).0, Coding::Gzip);
    }
}
