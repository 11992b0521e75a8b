//! What an event carries, as bytes.

/// A payload that can be written to a file and read again.
pub trait PayloadBytes: Sized {
    /// Adds the payload's bytes.
    fn encode(&self, into: &mut Vec<u8>);

    /// The payload of these bytes, which are exactly those that [`encode`](Self::encode) added;
    /// `None` if there is none.
    fn decode(bytes: &[u8]) -> Option<Self>;
}

impl PayloadBytes for Vec<u8> {
    fn encode(&self, into: &mut Vec<u8>) {
        into.extend_from_slice(self);
    }

    fn decode(bytes: &[u8]) -> Option<Vec<u8>> {
        Some(bytes.to_vec())
    }
}

impl PayloadBytes for String {
    fn encode(&self, into: &mut Vec<u8>) {
        into.extend_from_slice(self.as_bytes());
    }

    fn decode(bytes: &[u8]) -> Option<String> {
        std::str::from_utf8(bytes).ok().map(str::to_owned)
    }
}
