//! Credentials at rest: sealed with a key that lies beside the database, never in it.

use std::path::Path;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};

use crate::error::{Result, StoreError};
use crate::scope::random;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

/// The installation's key.
#[derive(Clone)]
pub struct SecretKey([u8; KEY_BYTES]);

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(•••)")
    }
}

impl SecretKey {
    /// Reads a key file: 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`StoreError::File`] when it can't be read, [`StoreError::WrongKey`] when it is no key.
    pub fn read(path: &Path) -> Result<SecretKey> {
        let text = std::fs::read_to_string(path)?;
        let bytes = hex::decode(text.trim()).map_err(|_| StoreError::WrongKey)?;
        bytes.try_into().map(SecretKey).map_err(|_| StoreError::WrongKey)
    }

    /// Makes a key and writes it where only this user can read it. A file that is there already is never overwritten.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn create(path: &Path) -> Result<SecretKey> {
        let key = SecretKey(random());
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        std::io::Write::write_all(&mut file, format!("{}\n", hex::encode(key.0)).as_bytes())?;
        file.sync_all()?;
        Ok(key)
    }

    /// A key from its bytes, for tests and for keys that are kept elsewhere.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; KEY_BYTES]) -> SecretKey {
        SecretKey(bytes)
    }

    /// What the database remembers of it: enough to know it again, nothing to make it from.
    #[must_use]
    pub fn fingerprint(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        hash.update(b"partyline key fingerprint\0");
        hash.update(self.0);
        hash.finalize()[..16].to_vec()
    }

    /// Seals a secret for one purpose (`context`: the row it belongs to), so that it can't be moved to another row.
    #[must_use]
    pub fn seal(&self, context: &[u8], plain: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE_BYTES] = random();
        let cipher = XChaCha20Poly1305::new(&Key::from(self.0));
        #[allow(clippy::expect_used, reason = "sealing fails only beyond 256 GB")]
        let sealed =
            cipher.encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: context }).expect("a short secret");
        [nonce.as_slice(), &sealed].concat()
    }

    /// Opens what was sealed for this purpose.
    ///
    /// # Errors
    /// [`StoreError::WrongKey`] when another key sealed it, or it was changed or moved.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>> {
        let (nonce, body) = sealed.split_at_checked(NONCE_BYTES).ok_or(StoreError::WrongKey)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| StoreError::WrongKey)?;
        let cipher = XChaCha20Poly1305::new(&Key::from(self.0));
        cipher.decrypt(&XNonce::from(nonce), Payload { msg: body, aad: context }).map_err(|_| StoreError::WrongKey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_with_its_key_and_in_its_place() {
        let key = SecretKey::from_bytes([7; 32]);
        let sealed = key.seal(b"conn_1", b"token");
        assert_eq!(key.open(b"conn_1", &sealed).expect("opens"), b"token");
        assert_ne!(sealed, key.seal(b"conn_1", b"token"), "a nonce of its own each time");
        assert!(key.open(b"conn_2", &sealed).is_err());
        assert!(SecretKey::from_bytes([8; 32]).open(b"conn_1", &sealed).is_err());
        for cut in 0..sealed.len() {
            assert!(key.open(b"conn_1", &sealed[..cut]).is_err());
        }
        assert_ne!(key.fingerprint(), SecretKey::from_bytes([8; 32]).fingerprint());
    }
}
