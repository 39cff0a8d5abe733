//! Reads the blocks of a file.

use crate::Error;
use crate::block::Block;
use crate::dictionary::Dictionary;
use crate::streams;
use std::sync::Arc;

/// Reads the blocks of one file by its dictionary.
pub struct Decoder {
    dictionary: Arc<Dictionary>,
}

impl Decoder {
    /// Opens what [`Encoder::finish`](crate::Encoder::finish) gave; errs if the bytes are others.
    pub fn open(bytes: &[u8]) -> Result<Decoder, Error> {
        let dictionary = Arc::new(Dictionary::read(bytes)?);
        Ok(Decoder { dictionary })
    }

    /// Unpacks what [`Encoder::finish_block`](crate::Encoder::finish_block) gave; errs if the bytes
    /// are others, or the block is of another file.
    pub fn block(&self, bytes: &[u8]) -> Result<Block, Error> {
        Block::read(Arc::clone(&self.dictionary), streams::unpack(bytes)?)
    }
}
