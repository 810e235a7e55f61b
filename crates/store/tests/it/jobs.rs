use partyline_core::time::{Millis, SECOND};
use partyline_store::StoreError;
use partyline_store::jobs::{ClaimedJob, DeadJob};

use crate::engines::{NOW, World, engines, world};

async fn add(world: &World, seq: i64, lane: Option<&'static [u8]>, run_at: Millis) {
    world.db.write(world.workspace, NOW, move |tx| tx.add_job(seq, "deliver", lane, "{}", run_at)).await.unwrap();
}

async fn claim(world: &World, now: Millis, limit: i64) -> Vec<ClaimedJob> {
    let node = world.db.node();
    world
        .db
        .machinery(now, move |root| {
            root.take_back_expired(node, now)?;
            root.claim_jobs(node, now, now + 10 * SECOND, "deliver", limit)
        })
        .await
        .unwrap()
}

async fn done(world: &World, job: ClaimedJob) -> bool {
    world.db.write(world.workspace, NOW, move |tx| tx.job_done(&job)).await.unwrap()
}

#[tokio::test]
async fn of_a_lane_only_the_oldest_runs_and_lanes_do_not_wait_for_each_other() {
    for engine in engines() {
        let world = world(&engine).await;
        for (seq, lane) in [(1, b"a"), (2, b"a"), (3, b"b"), (4, b"b")] {
            add(&world, seq, Some(lane), NOW).await;
        }
        add(&world, 5, None, NOW).await;
        add(&world, 6, None, NOW + SECOND).await;
        let first = claim(&world, NOW, 10).await;
        let mut seqs: Vec<i64> = first.iter().map(|j| j.seq).collect();
        seqs.sort_unstable();
        assert_eq!(seqs, [1, 3, 5], "{}", engine.name);
        assert!(claim(&world, NOW, 10).await.is_empty(), "{}: what runs holds its lane", engine.name);
        for job in first.into_iter().filter(|j| j.seq == 1) {
            assert!(done(&world, job).await);
        }
        let next: Vec<i64> = claim(&world, NOW, 10).await.iter().map(|j| j.seq).collect();
        assert_eq!(next, [2], "{}", engine.name);
    }
}

#[tokio::test]
async fn who_lost_the_lease_can_not_finish() {
    for engine in engines() {
        let world = world(&engine).await;
        add(&world, 1, Some(b"a"), NOW).await;
        let slow = claim(&world, NOW, 1).await.remove(0);
        let later = NOW + 11 * SECOND;
        let fast = claim(&world, later, 1).await.remove(0);
        assert!(fast.fence > slow.fence, "{}", engine.name);
        let held = slow.clone();
        assert!(
            !world.db.write(world.workspace, later, move |tx| tx.holds_job(&held)).await.unwrap(),
            "{}",
            engine.name
        );
        let old = slow.clone();
        let taken = world.db.write(world.workspace, later, move |tx| {
            let old = &old;
            Ok::<_, StoreError>([
                tx.job_again(old, NOW, None, None)?,
                tx.job_waits(old, NOW)?,
                tx.job_keeps_pace(old, None)?,
                tx.job_takes_lane(old, None)?,
                tx.job_dead(old, "late")?,
            ])
        });
        assert_eq!(taken.await.unwrap(), [false; 5], "{}: the old holder said what becomes of it", engine.name);
        assert!(!done(&world, slow).await, "{}: the old holder finished", engine.name);
        assert!(done(&world, fast).await, "{}", engine.name);
    }
}

#[tokio::test]
async fn who_held_a_job_can_not_finish_the_one_that_was_added_in_its_place() {
    for engine in engines() {
        let world = world(&engine).await;
        add(&world, 1, Some(b"a"), NOW).await;
        let slow = claim(&world, NOW, 1).await.remove(0);
        let (old, later) = (slow.clone(), NOW + SECOND);
        // a person withdraws it and has it sent once more
        let again = world.db.write(world.workspace, later, move |tx| {
            tx.job_again(&old, later, None, None)?;
            tx.withdraw_job(1, "deliver")?;
            tx.add_job(1, "deliver", Some(b"a"), "{}", later)
        });
        again.await.unwrap();
        let new = claim(&world, later, 1).await.remove(0);
        assert_eq!((new.seq, new.n), (slow.seq, slow.n), "{}: it stands in its place", engine.name);
        assert!(!done(&world, slow).await, "{}: the old holder finished the new job", engine.name);
        assert!(done(&world, new).await, "{}", engine.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_never_hold_the_same_job_or_lane() {
    for engine in engines() {
        let world = world(&engine).await;
        world
            .db
            .write(world.workspace, NOW, |tx| {
                for seq in 0..200i64 {
                    tx.add_job(seq, "deliver", Some(&[u8::try_from(seq % 20).unwrap()]), "{}", NOW)?;
                }
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let world = world.clone();
            tasks.push(tokio::spawn(async move { claim(&world, NOW, 5).await }));
        }
        let mut seqs = Vec::new();
        for task in tasks {
            seqs.extend(task.await.unwrap().into_iter().map(|j| j.seq));
        }
        seqs.sort_unstable();
        assert_eq!(seqs, (0..20).collect::<Vec<i64>>(), "{}: each lane's head once", engine.name);
    }
}

#[tokio::test]
async fn what_was_given_up_is_listed_due_again_or_forgotten_and_nothing_else_is() {
    for engine in engines() {
        let world = world(&engine).await;
        for seq in 1..4 {
            add(&world, seq, None, NOW).await;
        }
        let held = claim(&world, NOW, 3).await;
        let dead: Vec<ClaimedJob> = held.iter().filter(|job| job.seq < 3).cloned().collect();
        let gave_up = world.db.write(world.workspace, NOW, move |tx| {
            Ok::<_, StoreError>(tx.job_dead(&dead[0], "broken")? && tx.job_dead(&dead[1], "broken")?)
        });
        assert!(gave_up.await.unwrap(), "{}", engine.name);
        let given_up = async || world.db.read_root(|root| root.given_up(10)).await.unwrap();
        let listed = given_up().await;
        assert_eq!(listed.iter().map(|job| job.seq).collect::<Vec<_>>(), [1, 2], "{}", engine.name);
        assert!(listed.iter().all(|job| job.error.as_deref() == Some("broken") && job.attempts == 1 && job.due == NOW));
        let [first, second] = [listed[0].clone(), listed[1].clone()];
        let running = DeadJob { seq: 3, ..first.clone() };
        let settled = world.db.write(world.workspace, NOW + SECOND, move |tx| {
            let living = tx.has_living_job(first.seq, "deliver")?;
            let done = [tx.revive_job(&first)?, tx.has_living_job(first.seq, "deliver")?, tx.forget_job(&second)?];
            let again = [tx.revive_job(&second)?, tx.forget_job(&first)?, tx.revive_job(&running)?];
            Ok::<_, StoreError>((living, done, again, tx.forget_job(&running)?))
        });
        assert_eq!(settled.await.unwrap(), (false, [true; 3], [false; 3], false), "{}", engine.name);
        assert!(given_up().await.is_empty());
        let again = claim(&world, NOW + SECOND, 3).await;
        assert_eq!(again.iter().map(|job| (job.seq, job.attempts)).collect::<Vec<_>>(), [(1, 1)], "{}", engine.name);
        assert!(again[0].fence > held.iter().find(|job| job.seq == 1).unwrap().fence + 1);
    }
}

#[tokio::test]
async fn a_job_that_nobody_holds_can_be_withdrawn_and_one_that_runs_can_not() {
    for engine in engines() {
        let world = world(&engine).await;
        add(&world, 1, None, NOW).await;
        add(&world, 2, None, NOW + SECOND).await;
        assert_eq!(claim(&world, NOW, 5).await.len(), 1);
        let withdrawn = |seq| world.db.write(world.workspace, NOW, move |tx| tx.withdraw_job(seq, "deliver"));
        assert!(!withdrawn(1).await.unwrap(), "{}", engine.name);
        assert!(withdrawn(2).await.unwrap(), "{}", engine.name);
        assert!(claim(&world, NOW + 2 * SECOND, 5).await.is_empty());
    }
}

#[tokio::test]
async fn what_waits_behind_another_or_while_its_kind_is_done_is_not_late() {
    for engine in engines() {
        let world = world(&engine).await;
        let late = async |now: Millis| world.db.read_root(move |root| root.late_jobs(now)).await.unwrap();
        // the first of the lane has its time yet to come, as one whose outcome is looked for
        add(&world, 1, Some(b"a"), NOW + 60 * SECOND).await;
        add(&world, 2, Some(b"a"), NOW).await;
        assert_eq!(late(NOW + SECOND).await, [], "{}", engine.name);
        assert_eq!(late(NOW + 61 * SECOND).await, [("deliver".to_owned(), NOW + 60 * SECOND)], "{}", engine.name);
        add(&world, 3, None, NOW + SECOND).await;
        add(&world, 4, None, NOW + 2 * SECOND).await;
        assert_eq!(late(NOW + 9 * SECOND).await, [("deliver".to_owned(), NOW + SECOND)], "{}", engine.name);
        // while somebody does one, the others have their turn to come; its lease is over after ten seconds
        assert_eq!(claim(&world, NOW + 9 * SECOND, 1).await.len(), 1);
        assert_eq!(late(NOW + 10 * SECOND).await, [], "{}", engine.name);
        assert_eq!(late(NOW + 20 * SECOND).await, [("deliver".to_owned(), NOW + 2 * SECOND)], "{}", engine.name);
    }
}
