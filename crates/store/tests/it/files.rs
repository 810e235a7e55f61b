//! Which bytes there are, and which nothing names any more.

use partyline_core::id::FileId;
use partyline_core::time::{DAY, HOUR, Millis, SECOND};
use partyline_store::StoreError;
use partyline_store::blobs::Blob;
use partyline_store::files::AttachmentRow;
use partyline_store::scope::entropy;

use crate::engines::{NOW, World, engines, world};

async fn announce(world: &World, blob: &Blob, now: Millis) -> bool {
    let blob = blob.clone();
    world.db.write(world.workspace, now, move |tx| tx.announce_blob(&blob, "text/plain")).await.unwrap()
}

async fn sweep(world: &World, before: Millis, now: Millis) -> Vec<Vec<u8>> {
    world.db.write(world.workspace, now, move |tx| tx.sweep_blobs(before, now - HOUR, 10)).await.unwrap()
}

#[tokio::test]
async fn bytes_that_are_being_taken_away_are_not_brought_until_they_are_gone() {
    for engine in engines() {
        let world = world(&engine).await;
        let (used, unused, young) = (Blob::of(b"used"), Blob::of(b"unused"), Blob::of(b"young"));
        for blob in [&used, &unused] {
            assert!(announce(&world, blob, NOW).await, "{}", engine.name);
        }
        assert!(announce(&world, &young, NOW + DAY).await);
        let attached = used.clone();
        let attach = world.db.write(world.workspace, NOW, move |tx| {
            tx.create_attachment(&AttachmentRow {
                id: FileId::new(NOW, &entropy()),
                seq: None,
                conversation: None,
                uploaded_by: None,
                position: 0,
                sha256: Some(attached.sha256),
                name: "a.txt".into(),
                content_type: "text/plain".into(),
                size: 4,
                source_url: None,
                state: "ready".into(),
                created_at: NOW,
                canned: None,
                draft: None,
            })?;
            Ok::<_, StoreError>(())
        });
        attach.await.unwrap();
        assert!(sweep(&world, NOW, NOW).await.is_empty(), "{}: as old as that, and no older", engine.name);
        assert_eq!(sweep(&world, NOW + DAY, NOW + DAY).await, vec![unused.sha256.clone()], "{}", engine.name);
        assert!(sweep(&world, NOW + DAY, NOW + DAY + HOUR).await.is_empty(), "{}: it is the other's", engine.name);
        // a sweep that was broken off is gone on with, and what it was is over
        let again = NOW + DAY + HOUR + SECOND;
        assert_eq!(sweep(&world, NOW + DAY, again).await, vec![unused.sha256.clone()]);
        let claimed = |at: Millis| {
            let sha256 = unused.sha256.clone();
            world.db.write(world.workspace, NOW, move |tx| tx.sweeps_blob(&sha256, at))
        };
        assert!(!claimed(NOW + DAY).await.unwrap() && claimed(again).await.unwrap(), "{}", engine.name);
        assert!(!announce(&world, &unused, NOW + DAY).await, "{}: it is being taken away", engine.name);
        assert!(announce(&world, &used, NOW + DAY).await && announce(&world, &young, NOW + DAY).await);
        for (sha256, at) in [(&used.sha256, again), (&unused.sha256, NOW + DAY), (&unused.sha256, again)] {
            assert!(!announce(&world, &unused, NOW + DAY).await, "{}: it is still being taken away", engine.name);
            let sha256 = sha256.clone();
            world.db.write(world.workspace, NOW, move |tx| tx.forget_blob(&sha256, at)).await.unwrap();
        }
        assert!(announce(&world, &unused, NOW + DAY).await, "{}: gone, and welcome again", engine.name);
        assert!(!world.db.read(world.workspace, |s| s.has_unused_blobs(NOW + DAY, NOW)).await.unwrap());
    }
}
