//! Several servers on one PostgreSQL database.

use std::time::Duration;

use partyline_core::event::{Actor, EventType};
use partyline_core::id::ChannelId;
use partyline_core::time::{DAY, MINUTE, Millis, SECOND};
use partyline_store::jobs::ClaimedJob;
use partyline_store::nodes::NODE_GONE;
use partyline_store::turns::TurnRow;
use partyline_store::{Db, NewEvent, StoreError};
use tokio::sync::broadcast::error::RecvError;
use uuid::Uuid;

use crate::engines::{Engine, NOW, World, engines, world};

/// How long a condition may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks the database from outside for a number. On a thread of its own: the blocking client may not be used where async tasks run.
fn outside(url: &str, sql: &'static str) -> i64 {
    let url = url.to_owned();
    let asked = std::thread::spawn(move || {
        let mut client = postgres::Client::connect(&url, postgres::NoTls).unwrap();
        client.query_one(sql, &[]).unwrap().get(0)
    });
    asked.join().unwrap()
}

/// While this lives the database hears no node.
struct Silence {
    _until: std::sync::mpsc::Sender<()>,
}

impl Silence {
    fn begin(url: &str) -> Silence {
        let (until, dropped) = std::sync::mpsc::channel();
        let (taken, told) = std::sync::mpsc::channel();
        let url = url.to_owned();
        std::thread::spawn(move || {
            let mut client = postgres::Client::connect(&url, postgres::NoTls).unwrap();
            client.batch_execute("BEGIN; LOCK TABLE nodes IN SHARE MODE").unwrap();
            taken.send(()).unwrap();
            let _ = dropped.recv();
        });
        told.recv().unwrap();
        Silence { _until: until }
    }
}

fn on_postgres() -> Engine {
    engines().into_iter().find(|e| e.name == "PostgreSQL").unwrap()
}

async fn add(world: &World, seq: i64) {
    world.db.write(world.workspace, NOW, move |tx| tx.add_job(seq, "deliver", None, "{}", NOW)).await.unwrap();
}

async fn claim(db: &Db, node: Uuid, now: Millis) -> Vec<ClaimedJob> {
    db.machinery(now, move |root| {
        root.take_back_expired(node, now)?;
        root.claim_jobs(node, now, now + 2 * MINUTE, "deliver", 10)
    })
    .await
    .unwrap()
}

async fn holds(world: &World, job: &ClaimedJob) -> bool {
    let job = job.clone();
    world.db.write(world.workspace, NOW, move |tx| tx.holds_job(&job)).await.unwrap()
}

#[tokio::test]
async fn jobs_of_a_node_that_is_silent_are_taken_over_and_it_can_not_finish_them() {
    let engine = on_postgres();
    let world = world(&engine).await;
    let silent = Uuid::from_u128(7);
    let beat = "INSERT INTO nodes (id, name, version, started_at, seen_at) SELECT '00000000-0000-0000-0000-000000000007', 'silent', '1', 0, (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    world.db.tamper(beat, false).await.unwrap();
    add(&world, 1).await;
    let held = claim(&world.db, silent, NOW).await.remove(0);
    let other = Uuid::from_u128(8);
    assert!(claim(&world.db, other, NOW + MINUTE).await.is_empty(), "it was heard a moment ago");
    assert!(claim(&world.db, other, NOW + 3 * MINUTE).await.is_empty(), "and the other's clock may be wrong");
    world.db.tamper("UPDATE nodes SET seen_at = seen_at - 3000", false).await.unwrap();
    let taken = claim(&world.db, other, NOW).await.remove(0);
    assert_eq!((taken.seq, taken.holder), (1, other));
    assert!(taken.fence > held.fence + 1, "once when it was taken back, once when it was claimed");
    assert!(!holds(&world, &held).await);
    let finished = held.clone();
    assert!(!world.db.write(world.workspace, NOW, move |tx| tx.job_done(&finished)).await.unwrap());
    assert!(holds(&world, &taken).await);
}

#[tokio::test]
async fn turns_of_a_node_that_is_silent_are_taken_over_long_before_their_lease_ends() {
    let engine = on_postgres();
    let world = world(&engine).await;
    let (silent, other) = (Uuid::from_u128(7), Uuid::from_u128(8));
    let beat = "INSERT INTO nodes (id, name, version, started_at, seen_at) SELECT '00000000-0000-0000-0000-000000000007', 'silent', '1', 0, (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    world.db.tamper(beat, false).await.unwrap();
    let channel = ChannelId::from_uuid(Uuid::from_u128(9));
    world.db.write(world.workspace, NOW, move |tx| tx.begin_turns(channel, NOW, NOW)).await.unwrap();
    let claim = |node: Uuid, now: Millis| {
        world.db.machinery(now, move |root| {
            root.take_back_expired(node, now)?;
            root.claim_turns(node, now, now + MINUTE, now + DAY, 1)
        })
    };
    let held = claim(silent, NOW).await.unwrap().remove(0);
    let also = claim(other, NOW + SECOND).await.unwrap();
    assert!(also.iter().all(|turn| turn.about != held.about), "it was heard a moment ago");
    world.db.tamper("UPDATE nodes SET seen_at = seen_at - 3000", false).await.unwrap();
    let taken = claim(other, NOW + SECOND).await.unwrap().remove(0);
    assert!(taken.fence > held.fence);
    let kept = |turn: TurnRow| world.db.write(world.workspace, NOW, move |tx| tx.hold_turn(&turn, None, NOW + MINUTE));
    assert!(!kept(held).await.unwrap() && kept(taken).await.unwrap(), "only the new holder goes on");
}

#[tokio::test]
async fn a_node_that_beats_and_never_finishes_loses_its_jobs_in_the_end() {
    let engine = on_postgres();
    let world = world(&engine).await;
    add(&world, 1).await;
    let _member = world.db.join("here", "1").await.unwrap();
    let held = claim(&world.db, world.db.node(), NOW).await.remove(0);
    let other = Uuid::from_u128(8);
    assert!(claim(&world.db, other, NOW + 10 * MINUTE).await.is_empty());
    let taken = claim(&world.db, other, NOW + 13 * MINUTE).await.remove(0);
    assert!(taken.fence > held.fence);
}

#[tokio::test]
async fn a_node_is_sure_of_itself_as_long_as_it_takes_part_and_leaves_its_jobs_when_it_goes() {
    for engine in engines() {
        let world = world(&engine).await;
        let shared = engine.name == "PostgreSQL";
        assert_eq!(world.db.is_sure(world.db.node()), !shared, "{}", engine.name);
        let member = world.db.join("here", "1").await.unwrap();
        let node = world.db.node();
        assert!(world.db.is_sure(node) && !world.db.is_sure(Uuid::from_u128(9)), "{}", engine.name);
        let nodes = world.db.read_root(|root| root.nodes()).await.unwrap();
        assert_eq!(nodes.iter().map(|n| n.id).collect::<Vec<_>>(), if shared { vec![node] } else { vec![] });
        if !shared {
            continue;
        }
        add(&world, 1).await;
        assert_eq!(claim(&world.db, node, NOW).await.len(), 1);
        drop(member);
        let taken = async {
            loop {
                let jobs = claim(&world.db, Uuid::from_u128(8), NOW).await;
                if !jobs.is_empty() {
                    return jobs;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_millis(2_500), taken).await.expect("it said that it leaves");
        assert!(!world.db.is_sure(node));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_not_heard_is_no_longer_sure_when_the_others_may_take_over() {
    let engine = on_postgres();
    let world = world(&engine).await;
    let _member = world.db.join("here", "1").await.unwrap();
    let node = world.db.node();
    assert!(world.db.is_sure(node), "it was heard a moment ago");
    let _silence = Silence::begin(&engine.url);
    let silent = async {
        loop {
            let nodes = world.db.read_root(|root| root.nodes()).await.unwrap();
            if nodes.iter().find(|n| n.id == node).unwrap().silent_for >= NODE_GONE {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, silent).await.expect("it is silent for long enough");
    assert!(!world.db.is_sure(node), "the others may have what it holds");
}

#[tokio::test]
async fn what_an_older_program_claimed_is_judged_by_its_lease() {
    let engine = on_postgres();
    let world = world(&engine).await;
    add(&world, 1).await;
    let node = Uuid::from_u128(8);
    assert_eq!(claim(&world.db, Uuid::from_u128(7), NOW).await.len(), 1);
    world.db.tamper("UPDATE jobs SET holder = NULL", false).await.unwrap();
    assert!(claim(&world.db, node, NOW + MINUTE).await.is_empty());
    assert_eq!(claim(&world.db, node, NOW + 2 * MINUTE).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_grew_while_nobody_listened_is_looked_at_when_listening_begins_again() {
    let engine = on_postgres();
    let world = world(&engine).await;
    let far = Db::open(&engine.location, NOW).unwrap();
    let mut hints = far.hints();
    // cut every connection that listens, and let the log grow at the same moment: what is said meanwhile is lost. What such a connection
    // asked last is how far the logs are
    let cut = "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%FROM log_heads ORDER BY workspace'";
    for n in 0..20 {
        let cut = async {
            while outside(&engine.url, cut) == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, cut).await.expect("somebody listens");
        let seq = world
            .db
            .write(world.workspace, NOW + n * SECOND, |tx| {
                Ok::<_, StoreError>(tx.append(NewEvent::new(Actor::System, EventType::WorkspaceUpdated))?.seq)
            })
            .await
            .unwrap();
        let heard = async {
            loop {
                match hints.recv().await {
                    Ok(hint) if hint.workspace == world.workspace && hint.seq >= seq => return,
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => panic!("closed"),
                }
            }
        };
        tokio::time::timeout(PATIENCE, heard).await.expect("the head was looked at");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_fleeting_reaches_the_other_nodes_and_not_oneself() {
    let engine = on_postgres();
    let world = world(&engine).await;
    let far = Db::open(&engine.location, NOW + DAY).unwrap();
    let (mut here, mut there) = (world.db.posts(), far.posts());
    let heard = async {
        // it may not listen yet when we say it first
        loop {
            world.db.post(world.workspace, "{\"it's\": \"fleeting\"}");
            world.db.post(world.workspace, &"x".repeat(partyline_store::POST_MAX + 1));
            if let Ok(Ok(post)) = tokio::time::timeout(Duration::from_millis(100), there.recv()).await {
                return post;
            }
        }
    };
    let post = tokio::time::timeout(PATIENCE, heard).await.unwrap();
    assert_eq!((post.workspace, &*post.text), (world.workspace, "{\"it's\": \"fleeting\"}"));
    far.post(world.workspace, "back");
    let back = tokio::time::timeout(PATIENCE, here.recv()).await.unwrap().unwrap();
    assert_eq!(&*back.text, "back", "what one says oneself is not heard");
}
