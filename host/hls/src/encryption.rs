//! Encryption of whole segments: `METHOD=AES-128` (RFC 8216 §4.3.2.4, §6.2.3).
//!
//! A segment is encrypted with AES-128 in CBC mode and PKCS #7 padding; its
//! initialization vector is its media sequence number. A part is encrypted the
//! same way for itself, so that players decrypt it when it comes: the parts of
//! an encrypted segment are therefore not the segment's bytes. Initialization
//! sections stay in the clear, as they hold no picture.
//!
//! Every so many segments another key takes over. Keys are derived from one
//! secret, and a key's name is the number of the first segment that it is for,
//! so that no name ever means another key.

use std::fmt;

use aes::Aes128;
use aes::cipher::{BlockModeEncrypt, KeyIvInit, block_padding::Pkcs7};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Bytes of a key.
const KEY_BYTES: usize = 16;
const BLOCK_BYTES: usize = 16;

/// How the segments of a presentation are encrypted. Prints no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct SegmentEncryption {
    secret: Zeroizing<[u8; 32]>,
    segments_per_key: u64,
}

/// The key of one stretch of segments.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SegmentKey {
    /// The first segment that it is for.
    pub(crate) number: u64,
    bytes: Zeroizing<[u8; KEY_BYTES]>,
}

impl SegmentEncryption {
    /// Derives keys from `secret`, which no other presentation may use, and takes another one every
    /// `segments_per_key` segments, at least one.
    pub fn new(secret: [u8; 32], segments_per_key: u64) -> Self {
        Self { secret: Zeroizing::new(secret), segments_per_key: segments_per_key.max(1) }
    }

    /// The key for segment `msn`, which follows segments that were encrypted with `current`.
    pub(crate) fn key_for(&self, msn: u64, current: Option<&SegmentKey>) -> SegmentKey {
        match current {
            Some(current) if msn.saturating_sub(current.number) < self.segments_per_key => current.clone(),
            _ => self.key(msn),
        }
    }

    fn key(&self, number: u64) -> SegmentKey {
        let mac = Hmac::<Sha256>::new_from_slice(self.secret.as_slice()).expect("any length will do");
        let digest = mac.chain_update(b"hls segment key\0").chain_update(number.to_be_bytes()).finalize();
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        bytes.copy_from_slice(&digest.into_bytes()[..KEY_BYTES]);
        SegmentKey { number, bytes }
    }
}

impl fmt::Debug for SegmentEncryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SegmentEncryption")
            .field("segments_per_key", &self.segments_per_key)
            .finish_non_exhaustive()
    }
}

impl SegmentKey {
    /// What viewers with the right to it are given.
    pub(crate) fn bytes(&self) -> Bytes {
        Bytes::copy_from_slice(self.bytes.as_slice())
    }

    /// Encrypts the segment `msn`, or one part of it.
    pub(crate) fn encrypt(&self, msn: u64, clear: &[&[u8]]) -> Bytes {
        let length: usize = clear.iter().map(|piece| piece.len()).sum();
        // Padding is never empty.
        let mut buffer = Vec::with_capacity((length / BLOCK_BYTES + 1) * BLOCK_BYTES);
        for piece in clear {
            buffer.extend_from_slice(piece);
        }
        buffer.resize(buffer.capacity().min((length / BLOCK_BYTES + 1) * BLOCK_BYTES), 0);
        let vector = u128::from(msn).to_be_bytes();
        let cipher = cbc::Encryptor::<Aes128>::new((&*self.bytes).into(), (&vector).into());
        cipher.encrypt_padded::<Pkcs7>(&mut buffer, length).expect("the buffer has room for the padding");
        buffer.into()
    }
}

impl fmt::Debug for SegmentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SegmentKey").field("number", &self.number).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use aes::cipher::BlockModeDecrypt;

    use super::*;

    fn decrypted(key: &SegmentKey, msn: u64, body: &[u8]) -> Vec<u8> {
        let vector = u128::from(msn).to_be_bytes();
        let cipher = cbc::Decryptor::<Aes128>::new((&*key.bytes).into(), (&vector).into());
        cipher.decrypt_padded_vec::<Pkcs7>(body).unwrap()
    }

    #[test]
    fn what_is_encrypted_decrypts_with_its_number_alone() {
        let key = SegmentEncryption::new([7; 32], 10).key_for(42, None);
        for length in [0, 1, 15, 16, 17, 1000] {
            let clear = vec![9; length];
            let (first, second) = clear.split_at(length / 3);
            let body = key.encrypt(42, &[first, second]);
            assert_eq!(body.len() % BLOCK_BYTES, 0);
            assert!(body.len() > length);
            assert_eq!(decrypted(&key, 42, &body), clear);
            assert_ne!(key.encrypt(43, &[&clear]), body);
        }
    }

    #[test]
    fn a_key_serves_its_stretch_and_no_more() {
        let encryption = SegmentEncryption::new([7; 32], 3);
        let first = encryption.key_for(10, None);
        assert_eq!(encryption.key_for(12, Some(&first)), first);
        let second = encryption.key_for(13, Some(&first));
        assert_eq!((first.number, second.number), (10, 13));
        assert_ne!(first.bytes, second.bytes);
        assert_ne!(SegmentEncryption::new([8; 32], 3).key_for(10, None).bytes, first.bytes);
    }

    #[test]
    fn nothing_prints_a_key() {
        let encryption = SegmentEncryption::new([7; 32], 3);
        let key = encryption.key_for(10, None);
        let printed = format!("{encryption:?} {key:?}");
        assert_eq!(printed, "SegmentEncryption { segments_per_key: 3, .. } SegmentKey { number: 10, .. }");
    }
}
