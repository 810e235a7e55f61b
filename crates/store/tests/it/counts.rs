//! Counts are kept, never counted: after any run of changes they must be what counting would give.

use partyline_core::conversation::Status;
use partyline_core::time::Millis;
use partyline_store::StoreError;
use partyline_store::labels::with_those_above;

use crate::engines::{Dice, NOW, engines, world};

#[tokio::test]
async fn kept_counts_are_the_counted_ones_after_any_changes() {
    for engine in engines() {
        for seed in [1u64, 77] {
            let world = world(&engine).await;
            let mut dice = Dice::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let mut ids = Vec::new();
            for n in 0..12 {
                ids.push(world.conversation(n, NOW).await.0);
            }
            let (users, team) = (world.users.clone(), world.team);
            let labels = world.labels(&["leak", "leak/roof", "vip"]).await;
            let wrong = world
                .db
                .write(world.workspace, NOW, move |tx| {
                    for step in 0..600i64 {
                        let id = ids[usize::try_from(dice.below(12)).unwrap()];
                        let user = users[usize::try_from(dice.below(4)).unwrap()];
                        let what = dice.below(13);
                        let put: Vec<_> = labels.iter().filter(|_| dice.below(3) == 0).map(|label| label.id).collect();
                        tx.change(id, |held| match what {
                            0 => held.row.status = Status::Open,
                            1 => held.row.status = Status::Closed,
                            2 => held.row.status = Status::Snoozed,
                            3 => held.row.status = Status::Spam,
                            4 => held.user(user).assigned ^= true,
                            5 => held.user(user).read_seq = held.row.unread_seq,
                            6 => {
                                held.row.unread_seq = step + 1;
                                held.row.waiting_since = Some(Millis(NOW.0 + step));
                            }
                            8 => held.user(user).mentioned_at = Some(Millis(NOW.0 + step)),
                            9 => held.user(user).following ^= true,
                            10 => held.user(user).muted ^= true,
                            11 | 12 => held.labels = with_those_above(&labels, &put),
                            7 => held.row.team = if held.row.team.is_some() { None } else { Some(team) },
                            _ => held.row.last_activity_at = Millis(NOW.0 + step),
                        })?;
                        if step % 150 == 149 {
                            let wrong = tx.wrong_tallies()?;
                            if !wrong.is_empty() {
                                return Ok::<_, StoreError>(wrong);
                            }
                        }
                    }
                    Ok(Vec::new())
                })
                .await
                .unwrap();
            assert!(wrong.is_empty(), "{}, seed {seed}: {}", engine.name, wrong.join("\n"));
        }
    }
}

#[tokio::test]
async fn unread_is_total_less_read_for_each_user() {
    for engine in engines() {
        let world = world(&engine).await;
        let (id, _, _) = world.conversation(1, NOW).await;
        let (ana, tom) = (world.users[0], world.users[1]);
        world
            .db
            .write(world.workspace, NOW, move |tx| {
                tx.change(id, |held| held.row.unread_seq = 5)?;
                tx.change(id, |held| held.user(ana).read_seq = 5).map(drop)
            })
            .await
            .unwrap();
        let unread = async |user| {
            let tallies = world.db.read(world.workspace, move |scope| scope.tallies(user)).await.unwrap();
            tallies.iter().map(|t| t.total - t.read).sum::<i64>()
        };
        assert_eq!(unread(ana).await, 0, "{}", engine.name);
        assert_eq!(unread(tom).await, 1, "{}", engine.name);
    }
}
