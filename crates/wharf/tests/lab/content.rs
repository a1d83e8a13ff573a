//! Files of any length that need not be kept: every byte follows from its place.

use std::io::{self, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

/// A file of this many bytes. Each block begins with its own number, so that a block which is lost,
/// repeated or misplaced changes the digest, and the rest of it is noise, so that no byte order or
/// line end passes by chance.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Content(pub(crate) u64);

/// What a SHA-256 comes to.
pub(crate) type Sum = [u8; 32];

/// Large enough that a system call costs little beside it.
pub(crate) const CHUNK: usize = 256 * 1024;

const BLOCK: usize = 4096;

impl Content {
    /// The bytes, a [`CHUNK`] at a time.
    pub(crate) fn chunks(self) -> Chunks {
        let mut noise = vec![0; CHUNK];
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        for byte in &mut noise {
            // Xorshift: every byte value occurs, CR and LF among them.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            *byte = state.to_le_bytes()[3];
        }
        Chunks {
            buffer: noise,
            block: 0,
            left: self.0,
        }
    }

    /// All of it, for one that is small.
    pub(crate) fn bytes(self) -> Vec<u8> {
        let mut all = Vec::new();
        let mut chunks = self.chunks();
        while let Some(chunk) = chunks.next() {
            all.extend_from_slice(chunk);
        }
        all
    }

    /// Writes it to a file of this machine.
    pub(crate) fn write_to(self, path: &Path) -> io::Result<()> {
        let mut file = std::fs::File::create(path)?;
        let mut chunks = self.chunks();
        while let Some(chunk) = chunks.next() {
            file.write_all(chunk)?;
        }
        Ok(())
    }

    /// Its digest.
    pub(crate) fn sum(self) -> Sum {
        let mut sum = Sha256::new();
        let mut chunks = self.chunks();
        while let Some(chunk) = chunks.next() {
            sum.update(chunk);
        }
        sum.finalize().into()
    }
}

/// The bytes of a [`Content`] in order. Not an iterator, for each chunk borrows the one buffer.
#[derive(Debug)]
pub(crate) struct Chunks {
    buffer: Vec<u8>,
    block: u64,
    left: u64,
}

impl Chunks {
    pub(crate) fn next(&mut self) -> Option<&[u8]> {
        if self.left == 0 {
            return None;
        }
        for block in self.buffer.chunks_exact_mut(BLOCK) {
            block[..8].copy_from_slice(&self.block.to_be_bytes());
            self.block += 1;
        }
        let n = usize::try_from(self.left).map_or(CHUNK, |left| left.min(CHUNK));
        self.left -= n as u64;
        Some(&self.buffer[..n])
    }
}

/// The length and the digest of a file of this machine.
pub(crate) fn sum_of_file(path: &Path) -> io::Result<(u64, Sum)> {
    let mut file = std::fs::File::open(path)?;
    let mut sum = Sha256::new();
    let mut buffer = vec![0; CHUNK];
    let mut length = 0;
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            return Ok((length, sum.finalize().into()));
        }
        length += n as u64;
        sum.update(&buffer[..n]);
    }
}
