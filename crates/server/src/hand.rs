//! Webhooks in hand: how many, and how many bytes of them. One more is told to come back before memory grows for it.
//!
//! A body takes its bytes as they arrive, and a place only when it is whole, so that who sends slowly takes nobody's place. Both are
//! given back when the work is done, also when its sender has hung up meanwhile: the work stands in the writer's queue all the same.
//!
//! People don't wait behind a flood: webhooks have at most [`limits::WEBHOOKS_AT_ONCE`] of the writer's places, which are four times as
//! many, and what they read is read beside it.

use std::sync::Arc;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::extract;
use crate::limits;
use crate::problem::Problem;

/// Room for webhooks.
#[derive(Debug, Clone)]
pub struct Hand {
    places: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
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
        }
    }
}

impl Hand {
    /// Reads a body as long as there is room for its bytes.
    ///
    /// # Errors
    /// 503 without room, 413 for more than [`limits::WEBHOOK_BODY`], 400 when it breaks off.
    pub async fn read(&self, body: Body) -> Result<Read, Problem> {
        let mut stream = body.into_data_stream();
        let mut whole = BytesMut::new();
        let mut room: Option<OwnedSemaphorePermit> = None;
        while let Some(part) = stream.next().await {
            let part = part.map_err(|e| extract::broken(&e, limits::WEBHOOK_BODY))?;
            if whole.len() + part.len() > limits::WEBHOOK_BODY {
                return Err(extract::too_large(limits::WEBHOOK_BODY));
            }
            let count = u32::try_from(part.len()).unwrap_or(u32::MAX);
            let taken = self.bytes.clone().try_acquire_many_owned(count).map_err(|_| Problem::busy())?;
            match &mut room {
                Some(room) => room.merge(taken),
                None => room = Some(taken),
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
        for _ in 0..limits::WEBHOOK_BYTES / each {
            held.push(hand.read(body(each)).await.expect("there is room"));
        }
        assert!(hand.read(body(1)).await.is_err());
        held.pop();
        assert!(hand.read(body(each)).await.is_ok());
        assert!(hand.read(body(each + 1)).await.is_err(), "more than one may have");
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
