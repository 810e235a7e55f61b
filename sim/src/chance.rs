//! Randomness: all of it from the seed.

use std::sync::{Mutex, PoisonError};

use fastrand::Rng;

/// What the program's own random bytes (ids, jitter) come from.
static BYTES: Mutex<Option<Rng>> = Mutex::new(None);

/// Gives the program our randomness instead of the operating system's.
pub fn hand_in() {
    partyline_store::scope::hand_in_randomness(fill);
}

fn fill(bytes: &mut [u8]) {
    let mut source = BYTES.lock().unwrap_or_else(PoisonError::into_inner);
    source.get_or_insert_with(|| Rng::with_seed(0)).fill(bytes);
}

/// Lets the program's randomness begin anew at this point.
pub fn begin(seed: u64) {
    *BYTES.lock().unwrap_or_else(PoisonError::into_inner) = Some(Rng::with_seed(seed));
}

/// The randomness of one step of a history. It does not depend on the steps before, so that some can be left out and the others stay
/// what they are.
#[must_use]
pub fn of_step(seed: u64, step: usize) -> Rng {
    // the finalizer of SplitMix64 (Steele, Lea, Flood 2014): neighbouring seeds give unlike streams
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (step as u64).wrapping_add(0x632b_e59b_d9b4_e019);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    Rng::with_seed(z ^ (z >> 31))
}

/// Does it happen, this often in a hundred?
pub fn percent(rng: &mut Rng, often: u32) -> bool {
    rng.u32(0..100) < often
}

/// One of them.
pub fn one<'a, T>(rng: &mut Rng, of: &'a [T]) -> Option<&'a T> {
    if of.is_empty() { None } else { of.get(rng.usize(0..of.len())) }
}
