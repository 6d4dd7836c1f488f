//! The queue's document for a client that names the version it has: deltas in place of lists.
//!
//! Everything around the deltas is made with the published value, so that a request only puts ready bytes together.

use bytes::{BufMut, Bytes, BytesMut};
use serde_json::value::RawValue;

use super::Live;
use crate::documents::{Document, DocumentError, envelope::Envelope};

/// Where the deltas are.
const DELTAS: &str = r#""deltas":["#;

/// The document around its deltas.
#[derive(Debug)]
pub(crate) struct CatchUp {
    head: Bytes,
    tail: Bytes,
}

impl CatchUp {
    /// What is around the deltas in the document beside the whole queue.
    ///
    /// # Errors
    /// When it cannot be written, which nothing of ours can cause.
    pub(crate) fn of(live: &Live, whole: &Document) -> Result<Self, DocumentError> {
        let (at, counts) = (live.version.at(), live.version.counts());
        let data = format!(
            r#"{{"epoch":"{}","seq":{},"hash":"{}","counts":{counts},{DELTAS}]}}"#,
            at.epoch, at.seq, at.hash
        );
        let content = whole.content.with_data(RawValue::from_string(data)?.into());
        let document: Bytes =
            serde_json::to_vec(&Envelope { content: &content, stamps: &whole.stamps })?.into();
        // Before the data there are stamps only, and so this is its list.
        let n_before = document.windows(DELTAS.len()).position(|window| window == DELTAS.as_bytes());
        let (head, tail) = match n_before {
            Some(n_before) => {
                let at = n_before + DELTAS.len();
                (document.slice(..at), document.slice(at..))
            }
            None => (document, Bytes::new()),
        };
        Ok(Self { head, tail })
    }

    /// The document for a client that has a version; `None` when it is to be sent the whole queue.
    pub(crate) fn since(&self, live: &Live, epoch: &str, since: u64) -> Option<Bytes> {
        let deltas: Vec<_> = live.steps(epoch, since)?.map(|step| &step.payload).collect();
        let n_bytes: usize = deltas.iter().map(|delta| delta.len() + 1).sum();
        let mut document = BytesMut::with_capacity(self.head.len() + n_bytes + self.tail.len());
        document.put_slice(&self.head);
        for (idx, delta) in deltas.into_iter().enumerate() {
            if idx > 0 {
                document.put_u8(b',');
            }
            document.put_slice(delta);
        }
        document.put_slice(&self.tail);
        Some(document.freeze())
    }
}
