//! A payload that the push service can't read: `aes128gcm` (RFC 8188) with the keys of a subscription (RFC 8291).

use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::hmac::{HMAC_SHA256, Key, Tag, sign};
use ring::rand::{SecureRandom, SystemRandom};

/// Bytes of an uncompressed point of P-256.
pub(crate) const POINT: usize = 65;
/// Bytes of a subscription's secret.
pub(crate) const SECRET: usize = 16;
const SALT: usize = 16;
const KEY: usize = 16;
const NONCE: usize = 12;
/// The size of a record (RFC 8188, 2.1). A push service takes 4,096 bytes at most, so that there is one record alone.
const RECORD: u32 = 4096;
/// Bytes of what is said: the record less its end, its tag, and the header before it.
pub const PAYLOAD_MAX: usize = 3_900;

/// What could not be encrypted: the subscription's keys are none, or there is too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unusable;

/// The keys of one record.
struct Keys {
    key: [u8; KEY],
    nonce: [u8; NONCE],
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> Tag {
    sign(&Key::new(HMAC_SHA256, key), &parts.concat())
}

/// The first block of HKDF's output (RFC 5869), which is all that is ever needed here.
fn expand<const N: usize>(key: &[u8], info: &[&[u8]]) -> [u8; N] {
    let block = hmac(key, &[&info.concat(), &[1]]);
    let mut out = [0; N];
    out.copy_from_slice(&block.as_ref()[..N]);
    out
}

/// RFC 8291, 3.4.
fn derive(shared: &[u8], secret: &[u8], theirs: &[u8], ours: &[u8], salt: &[u8]) -> Keys {
    let combined = hmac(secret, &[shared]);
    let input: [u8; 32] = expand(combined.as_ref(), &[b"WebPush: info\0", theirs, ours]);
    let key = hmac(salt, &[&input]);
    Keys {
        key: expand(key.as_ref(), &[b"Content-Encoding: aes128gcm\0"]),
        nonce: expand(key.as_ref(), &[b"Content-Encoding: nonce\0"]),
    }
}

/// Encrypts one record with its header.
fn seal(keys: &Keys, salt: &[u8], ours: &[u8], plain: &[u8]) -> Result<Vec<u8>, Unusable> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &keys.key).map_err(|_| Unusable)?);
    // 2: the last record (RFC 8188, 2)
    let mut record = [plain, &[2]].concat();
    let nonce = Nonce::assume_unique_for_key(keys.nonce);
    key.seal_in_place_append_tag(nonce, Aad::empty(), &mut record).map_err(|_| Unusable)?;
    let length = u8::try_from(ours.len()).map_err(|_| Unusable)?;
    Ok([salt, &RECORD.to_be_bytes(), &[length], ours, &record].concat())
}

/// Encrypts for whoever has these keys, with a key and a salt that are used once.
pub(crate) fn encrypt(theirs: &[u8], secret: &[u8], plain: &[u8]) -> Result<Vec<u8>, Unusable> {
    if theirs.len() != POINT || secret.len() != SECRET || plain.len() > PAYLOAD_MAX {
        return Err(Unusable);
    }
    let random = SystemRandom::new();
    let mut salt = [0; SALT];
    random.fill(&mut salt).map_err(|_| Unusable)?;
    let own = EphemeralPrivateKey::generate(&ECDH_P256, &random).map_err(|_| Unusable)?;
    let ours = own.compute_public_key().map_err(|_| Unusable)?;
    let keys = agree_ephemeral(own, &UnparsedPublicKey::new(&ECDH_P256, theirs), |shared| {
        derive(shared, secret, theirs, ours.as_ref(), &salt)
    });
    seal(&keys.map_err(|_| Unusable)?, &salt, ours.as_ref(), plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decoded;

    fn bytes(text: &str) -> Vec<u8> {
        decoded(text).expect("base64url")
    }

    /// RFC 8291, appendix A.
    #[test]
    fn the_example_of_the_rfc_comes_out_byte_for_byte() {
        let theirs = bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4");
        let ours = bytes("BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8");
        let shared = bytes("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs");
        let (secret, salt) = (bytes("BTBZMqHH6r4Tts7J_aSIgg"), bytes("DGv6ra1nlYgDCS1FRnbzlw"));
        let keys = derive(&shared, &secret, &theirs, &ours, &salt);
        assert_eq!(keys.key.as_slice(), bytes("oIhVW04MRdy2XN9CiKLxTg"));
        assert_eq!(keys.nonce.as_slice(), bytes("4h_95klXJ5E_qnoN"));
        let sealed = seal(&keys, &salt, &ours, b"When I grow up, I want to be a watermelon").expect("sealed");
        let wanted = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(sealed, bytes(wanted));
    }

    #[test]
    fn keys_that_are_none_and_too_much_are_refused() {
        let mut theirs = vec![4; POINT];
        assert_eq!(encrypt(&theirs, &[1; SECRET], b"x"), Err(Unusable), "no point of the curve");
        theirs.pop();
        assert_eq!(encrypt(&theirs, &[1; SECRET], b"x"), Err(Unusable));
        let point = bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4");
        assert_eq!(encrypt(&point, &[1; 15], b"x"), Err(Unusable));
        assert_eq!(encrypt(&point, &[1; SECRET], &[0; PAYLOAD_MAX + 1]), Err(Unusable));
        let largest = encrypt(&point, &[1; SECRET], &[0; PAYLOAD_MAX]).expect("encrypted");
        assert!(largest.len() <= 4096, "what a push service takes (RFC 8291, 4): {}", largest.len());
    }
}
