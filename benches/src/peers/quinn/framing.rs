//! Messages on a stream: each with its length before it, four bytes.

use bytes::{Buf as _, BytesMut};

use super::text;

/// Chunks taken with one call.
const CHUNKS: usize = 64;

/// A message as it goes onto the stream.
pub(super) fn framed(payload: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(4 + payload.len());
    message.extend((payload.len() as u32).to_le_bytes());
    message.extend(payload);
    message
}

/// Reads messages off a stream.
pub(super) struct Messages {
    stream: quinn::RecvStream,
    buffer: BytesMut,
}

impl Messages {
    pub(super) fn new(stream: quinn::RecvStream) -> Self {
        Self { stream, buffer: BytesMut::new() }
    }

    /// Shows every message that has come, or waits for one. `false`: the stream has ended.
    pub(super) async fn receive(&mut self, mut each: impl FnMut(&[u8])) -> Result<bool, String> {
        let mut chunks = [const { bytes::Bytes::new() }; CHUNKS];
        let Some(count) = self.stream.read_chunks(&mut chunks).await.map_err(text)? else { return Ok(false) };
        for chunk in &mut chunks[..count] {
            // What lies whole within a chunk is not copied.
            if self.buffer.is_empty() {
                while let Some(end) = end_of_message(chunk) {
                    each(&chunk[4..end]);
                    chunk.advance(end);
                }
            }
            self.buffer.extend_from_slice(chunk);
            while let Some(end) = end_of_message(&self.buffer) {
                each(&self.buffer[4..end]);
                self.buffer.advance(end);
            }
        }
        Ok(true)
    }
}

/// Where the first message ends, if it is there.
fn end_of_message(bytes: &[u8]) -> Option<usize> {
    let len = bytes.first_chunk().map(|len| u32::from_le_bytes(*len))?;
    let end = 4 + len as usize;
    (bytes.len() >= end).then_some(end)
}
