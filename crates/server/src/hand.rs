//! Webhooks in hand: how many, and how many bytes of them. One more is told to come back before memory grows for it.
//!
//! A body takes its bytes as they arrive, and a place only when it is whole, so that who sends slowly takes nobody's place. Both are
//! given back when the work is done, also when its sender has hung up meanwhile: the work stands in the writer's queue all the same.
//! Bodies of the usual size need no room that others could fill, and when too many arrive, the slowest are turned away.
//!
//! People don't wait behind a flood: webhooks have at most [`limits::WEBHOOKS_AT_ONCE`] of the writer's places, which are four times as
//! many, and what they read is read beside it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::extract;
use crate::limits;
use crate::problem::Problem;

/// Room for webhooks.
#[derive(Debug, Clone)]
pub struct Hand {
    places: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
    arriving: Arc<Mutex<Arriving>>,
}

/// Bodies that arrive, oldest first, each with how to turn it away.
#[derive(Debug, Default)]
struct Arriving {
    next: u64,
    bodies: BTreeMap<u64, CancellationToken>,
}

/// One of them; no more when dropped.
struct Arrives {
    arriving: Arc<Mutex<Arriving>>,
    number: u64,
    turned_away: CancellationToken,
}

impl Drop for Arrives {
    fn drop(&mut self) {
        self.arriving.lock().unwrap_or_else(PoisonError::into_inner).bodies.remove(&self.number);
    }
}

/// A body that was read, and the bytes that it takes of the room.
pub struct Read {
    /// All of it.
    pub body: Bytes,
    room: Option<OwnedSemaphorePermit>,
}

/// What one webhook takes of the room; given back when dropped.
#[derive(Debug)]
pub struct Place {
    _place: OwnedSemaphorePermit,
    _bytes: Option<OwnedSemaphorePermit>,
}

impl Default for Hand {
    fn default() -> Hand {
        Hand {
            places: Arc::new(Semaphore::new(limits::WEBHOOKS_AT_ONCE)),
            bytes: Arc::new(Semaphore::new(limits::WEBHOOK_BYTES)),
            arriving: Arc::default(),
        }
    }
}

impl Hand {
    fn arrives(&self) -> Arrives {
        let mut arriving = self.arriving.lock().unwrap_or_else(PoisonError::into_inner);
        let (number, turned_away) = (arriving.next, CancellationToken::new());
        arriving.next += 1;
        arriving.bodies.insert(number, turned_away.clone());
        if arriving.bodies.len() > limits::WEBHOOKS_ARRIVING
            && let Some((_, oldest)) = arriving.bodies.pop_first()
        {
            oldest.cancel();
        }
        Arrives { arriving: self.arriving.clone(), number, turned_away }
    }

    /// Reads a body as long as there is room for what it has beyond [`limits::WEBHOOK_OWN_BYTES`].
    ///
    /// # Errors
    /// 503 without room, or when too many have begun to arrive since, 413 for more than [`limits::WEBHOOK_BODY`], 400 when it breaks off.
    pub async fn read(&self, body: Body) -> Result<Read, Problem> {
        let mut stream = body.into_data_stream();
        let mut whole = BytesMut::new();
        let mut room: Option<OwnedSemaphorePermit> = None;
        let arrives = self.arrives();
        loop {
            let part = tokio::select! {
                part = stream.next() => part,
                () = arrives.turned_away.cancelled() => return Err(Problem::busy()),
            };
            let Some(part) = part else { break };
            let part = part.map_err(|e| extract::broken(&e, limits::WEBHOOK_BODY))?;
            if whole.len() + part.len() > limits::WEBHOOK_BODY {
                return Err(extract::too_large(limits::WEBHOOK_BODY));
            }
            let beyond = |bytes: usize| bytes.saturating_sub(limits::WEBHOOK_OWN_BYTES);
            let count = beyond(whole.len() + part.len()) - beyond(whole.len());
            if count > 0 {
                let count = u32::try_from(count).unwrap_or(u32::MAX);
                let taken = self.bytes.clone().try_acquire_many_owned(count).map_err(|_| Problem::busy())?;
                match &mut room {
                    Some(room) => room.merge(taken),
                    None => room = Some(taken),
                }
            }
            whole.extend_from_slice(&part);
        }
        Ok(Read { body: whole.freeze(), room })
    }

    /// A place for what was read.
    ///
    /// # Errors
    /// 503 without one.
    pub fn place(&self, read: Read) -> Result<(Bytes, Place), Problem> {
        let place = self.places.clone().try_acquire_owned().map_err(|_| Problem::busy())?;
        Ok((read.body, Place { _place: place, _bytes: read.room }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(bytes: usize) -> Body {
        Body::from(vec![b'x'; bytes])
    }

    #[tokio::test]
    async fn a_body_without_room_is_refused_and_room_comes_back() {
        let hand = Hand::default();
        let each = limits::WEBHOOK_BODY;
        let mut held = Vec::new();
        for _ in 0..limits::WEBHOOK_BYTES / (each - limits::WEBHOOK_OWN_BYTES) {
            held.push(hand.read(body(each)).await.expect("there is room"));
        }
        assert!(hand.read(body(each)).await.is_err());
        assert!(hand.read(body(limits::WEBHOOK_OWN_BYTES)).await.is_ok(), "a usual one needs no such room");
        held.pop();
        assert!(hand.read(body(each)).await.is_ok());
        assert!(hand.read(body(each + 1)).await.is_err(), "more than one may have");
    }

    #[tokio::test]
    async fn who_sends_slowly_makes_way_for_who_comes_after() {
        let hand = Hand::default();
        let slow: Vec<_> = (0..limits::WEBHOOKS_ARRIVING)
            .map(|_| {
                let hand = hand.clone();
                let never = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
                tokio::spawn(async move { hand.read(Body::from_stream(never)).await.is_ok() })
            })
            .collect();
        while hand.arriving.lock().expect("a lock").bodies.len() < limits::WEBHOOKS_ARRIVING {
            tokio::task::yield_now().await;
        }
        assert!(hand.read(body(10)).await.is_ok());
        let mut slow = slow.into_iter();
        assert!(!slow.next().expect("one").await.expect("an end"), "the oldest is turned away");
        assert!(slow.all(|other| !other.is_finished()));
        assert_eq!(hand.arriving.lock().expect("a lock").bodies.len(), limits::WEBHOOKS_ARRIVING - 1);
    }

    #[tokio::test]
    async fn a_place_is_held_until_the_work_is_done() {
        let hand = Hand::default();
        let mut held = Vec::new();
        for _ in 0..limits::WEBHOOKS_AT_ONCE {
            held.push(hand.place(hand.read(body(10)).await.expect("there is room")).expect("there is room"));
        }
        assert!(hand.place(hand.read(body(10)).await.expect("there is room")).is_err());
        held.pop();
        assert!(hand.place(hand.read(body(10)).await.expect("there is room")).is_ok());
    }
}
