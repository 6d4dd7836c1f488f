//! The last deltas, for those who missed some.

use std::{collections::VecDeque, sync::Arc};

use bytes::Bytes;

use super::frame::framed;

/// The most deltas that are kept.
const LEN_MAX: usize = 256;
/// The most bytes that they may have together.
const BYTES_MAX: usize = 1 << 20;

/// The deltas that lead to a version, one a version, without a gap.
#[derive(Debug, Clone, Default)]
pub(super) struct Ring {
    steps: VecDeque<Arc<Step>>,
    n_bytes: usize,
}

/// One delta, ready to be sent.
#[derive(Debug)]
pub(super) struct Step {
    /// As a frame.
    pub(super) frame: Bytes,
    /// The message in it.
    pub(super) payload: Bytes,
    /// The operations in that, without their brackets.
    pub(super) operations: Bytes,
}

impl Step {
    /// A delta message of its parts.
    pub(super) fn new(head: &str, operations: &[u8], counts: &str) -> Self {
        let end = format!("],\"counts\":{counts}}}");
        let payload = [head.as_bytes(), operations, end.as_bytes()].concat();
        let frame = framed(&payload, 0);
        let payload = frame.slice(frame.len() - payload.len()..);
        let operations = payload.slice(head.len()..payload.len() - end.len());
        Self { frame, payload, operations }
    }
}

impl Ring {
    /// The ring of the next version, to which `step` leads. What is too old for it is left out.
    pub(super) fn then(&self, step: Step) -> Self {
        let mut ring = self.clone();
        ring.n_bytes += step.frame.len();
        ring.steps.push_back(Arc::new(step));
        while ring.steps.len() > LEN_MAX || ring.n_bytes > BYTES_MAX {
            let Some(oldest) = ring.steps.pop_front() else { break };
            ring.n_bytes -= oldest.frame.len();
        }
        ring
    }

    /// The last `n` steps; `None` if there are not so many.
    pub(super) fn last(&self, n: u64) -> Option<impl Iterator<Item = &Step>> {
        let skipped = self.steps.len().checked_sub(usize::try_from(n).ok()?)?;
        Some(self.steps.iter().skip(skipped).map(|step| &**step))
    }

    /// How many steps there are.
    pub(super) fn len(&self) -> usize {
        self.steps.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(n_bytes: usize) -> Step {
        Step { frame: vec![0; n_bytes].into(), payload: Bytes::new(), operations: Bytes::new() }
    }

    #[test]
    fn only_so_many_deltas_of_so_many_bytes_are_kept() {
        let small = (0..1_000).fold(Ring::default(), |ring, _| ring.then(step(100)));
        assert_eq!((small.len(), small.n_bytes), (256, 25_600));
        assert_eq!(small.last(256).unwrap().count(), 256);
        assert_eq!(small.last(3).unwrap().count(), 3);
        assert!(small.last(257).is_none());

        let large = (0..100).fold(Ring::default(), |ring, _| ring.then(step(100_000)));
        assert_eq!((large.len(), large.n_bytes), (10, 1_000_000));
        assert_eq!((large.then(step(BYTES_MAX)).len(), large.then(step(BYTES_MAX + 1)).len()), (1, 0));
        assert_eq!(large.len(), 10);
    }
}
