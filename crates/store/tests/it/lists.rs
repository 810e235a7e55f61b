use std::collections::BTreeSet;

use partyline_core::conversation::{Order, Sort, Status, View};
use partyline_core::id::{ConversationId, TeamId};
use partyline_core::permission::Role;
use partyline_core::time::Millis;
use partyline_store::labels::with_those_above;
use partyline_store::lists::{Cursor, ListQuery, sample_lists};
use partyline_store::{Scope, StoreError, Viewer};

use crate::engines::{Dice, NOW, engines, world};

#[tokio::test]
async fn pages_hold_everything_once_in_order() {
    for engine in engines() {
        let world = world(&engine).await;
        let mut all = Vec::new();
        for n in 0..23u32 {
            let (id, _, _) = world.conversation(n, NOW).await;
            // several share a moment, so that the id has to decide
            let at = Millis(NOW.0 + i64::from(n / 3));
            let waits = n % 2 == 0;
            let user = world.users[usize::try_from(n % 4).unwrap()];
            world
                .db
                .write(world.workspace, NOW, move |tx| {
                    tx.change(id, |held| {
                        held.row.last_activity_at = at;
                        held.row.waiting_since = waits.then_some(at);
                        held.user(user).assigned = n % 3 == 0;
                    })
                    .map(drop)
                })
                .await
                .unwrap();
            all.push(id);
        }
        let viewer = Viewer { user: world.users[0], role: Role::Agent };
        for (view, sort, expected) in [
            (View::All, Sort::Newest, 23),
            (View::All, Sort::Waiting, 23),
            (View::Unassigned, Sort::Newest, 15),
            (View::Mine, Sort::Newest, 2),
            (View::Mine, Sort::Waiting, 2),
        ] {
            let mut seen = Vec::new();
            let mut cursor = None;
            loop {
                let query = ListQuery { view, team: None, sort, cursor, limit: 4 };
                let rows = world.db.read(world.workspace, move |scope| scope.list(viewer, &query)).await.unwrap();
                let Some(last) = rows.last() else { break };
                let key = if sort == Sort::Newest {
                    last.last_activity_at.0
                } else {
                    last.waiting_since.unwrap_or(Millis::NEVER).0
                };
                cursor = Some(Cursor { key, id: last.id });
                seen.extend(rows.iter().map(|r| (r.last_activity_at, r.waiting_since.unwrap_or(Millis::NEVER), r.id)));
            }
            assert_eq!(seen.len(), expected, "{}: {view:?} {sort:?}", engine.name);
            assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), expected, "{}: one came twice", engine.name);
            let mut sorted = seen.clone();
            match sort {
                Sort::Newest => sorted.sort_by_key(|r| std::cmp::Reverse((r.0, r.2))),
                Sort::Waiting => sorted.sort_by_key(|r| (r.1, r.2)),
            }
            assert_eq!(seen, sorted, "{}: {view:?} {sort:?}", engine.name);
        }
    }
}

#[tokio::test]
async fn a_closed_team_is_seen_by_its_members_its_assignees_and_admins() {
    for engine in engines() {
        let world = world(&engine).await;
        let (id, _, _) = world.conversation(1, NOW).await;
        let team = world.team;
        let (member, assignee, other) = (world.users[0], world.users[1], world.users[2]);
        world
            .db
            .write(world.workspace, NOW, move |tx| {
                let mut row = tx.team(team)?.unwrap();
                row.closed = true;
                tx.set_team(&row)?;
                tx.join_team(team, member)?;
                tx.change(id, |held| {
                    held.user(assignee).assigned = true;
                })
                .map(drop)
            })
            .await
            .unwrap();
        for (user, role, sees) in [
            (member, Role::Agent, true),
            (assignee, Role::Agent, true),
            (other, Role::Agent, false),
            (other, Role::Admin, true),
        ] {
            let viewer = Viewer { user, role };
            let (one, list) = world
                .db
                .read(world.workspace, move |scope| {
                    let query = ListQuery { view: View::All, team: None, sort: Sort::Newest, cursor: None, limit: 10 };
                    Ok::<_, StoreError>((scope.sees(viewer, id)?, scope.list(viewer, &query)?.len()))
                })
                .await
                .unwrap();
            assert_eq!((one, list == 1), (sees, sees), "{}: {role}", engine.name);
        }
    }
}

#[tokio::test]
async fn who_is_taken_off_no_longer_sees_a_closed_team_s_conversation_and_who_was_named_does() {
    for engine in engines() {
        let world = world(&engine).await;
        let (id, _, _) = world.conversation(1, NOW).await;
        let team = world.team;
        let (off, named) = (world.users[1], world.users[2]);
        let sees = world
            .db
            .write(world.workspace, NOW, move |tx| {
                let mut row = tx.team(team)?.unwrap();
                row.closed = true;
                tx.set_team(&row)?;
                tx.change(id, |held| {
                    held.user(off).assigned = true;
                    held.user(named).assigned = true;
                    held.user(named).mentioned_at = Some(NOW);
                })?;
                tx.change(id, |held| {
                    held.user(off).assigned = false;
                    held.user(named).assigned = false;
                })?;
                let viewer = |user| Viewer { user, role: Role::Agent };
                Ok::<_, StoreError>((tx.sees(viewer(off), id)?, tx.sees(viewer(named), id)?))
            })
            .await
            .unwrap();
        assert_eq!(sees, (false, true), "{}", engine.name);
    }
}

/// With many rows, no list may walk a table: the planner must choose the index that was made for it, also when it has counted nothing
/// yet, as on every SQLite that nobody has told to.
#[tokio::test]
async fn every_list_is_served_by_an_index() {
    for engine in engines() {
        let world = world(&engine).await;
        let (team, channel, users) = (world.team, world.channel, world.users.clone());
        let labels = world.labels(&["leak", "vip"]).await;
        let label = labels[0].id;
        world
            .db
            .write(world.workspace, NOW, move |tx| {
                for n in 0..3_000i64 {
                    let (address, _) = tx.address_or_new("phone", &format!("+1415{:07}", 5_550_000 + n), None)?;
                    let id = partyline_core::id::ConversationId::new(NOW, &partyline_store::scope::entropy());
                    tx.create_conversation(partyline_store::conversations::NewConversation {
                        id,
                        team: Some(team),
                        contact: address.contact,
                        channel,
                        address: address.id,
                    })?;
                    tx.change(id, |held| {
                        held.row.last_activity_at = Millis(NOW.0 + n);
                        held.row.status = if n % 40 == 0 { Status::Open } else { Status::Closed };
                        let user = held.user(users[usize::try_from(n % 4).unwrap()]);
                        user.assigned = n % 3 == 0;
                        user.following = n % 5 == 0;
                        user.mentioned_at = (n % 7 == 0).then_some(Millis(NOW.0 + n));
                        held.labels = with_those_above(&labels, &[labels[usize::from(n % 20 == 0)].id]);
                    })?;
                }
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
        let (user, workspace) = (world.users[0], world.workspace);
        let walks: Vec<String> = world
            .db
            .inspect(move |connection| {
                let mut walks = Vec::new();
                for (counted, (name, sql, teams, of_label)) in
                    sample_lists().into_iter().map(|l| (false, l)).chain(sample_lists().into_iter().map(|l| (true, l)))
                {
                    if counted && !walks.is_empty() {
                        break;
                    }
                    if counted && name == "assignees" {
                        connection.analyze()?;
                    }
                    let mut values: Vec<partyline_store::value::Value> =
                        vec![workspace.into(), user.into(), i64::MAX.into(), partyline_core::id::Uuid::max().into()];
                    if of_label {
                        values.push(label.into());
                    }
                    values.extend((0..teams).map(|_| team.into()));
                    for line in connection.plan(sql, &values)? {
                        let sqlite = line.starts_with("SCAN x") || line.starts_with("SCAN c ");
                        let postgres = line.contains("Seq Scan on conversation") && line.contains(" x ");
                        // nothing but the workspace: all of its rows
                        let all = line.starts_with("SEARCH ") && line.ends_with("(workspace=?)");
                        if sqlite || postgres || all {
                            walks.push(format!("{name}: {line}"));
                        }
                    }
                }
                Ok::<_, StoreError>(walks)
            })
            .await
            .unwrap();
        assert!(walks.is_empty(), "{}:\n{}", engine.name, walks.join("\n"));
    }
}

/// What lists and timelines show beside their rows is asked for in one statement for many; its text depends on how many.
#[tokio::test]
async fn what_belongs_to_rows_is_found_for_one_and_for_many() {
    for engine in engines() {
        let world = world(&engine).await;
        for n in 0..60 {
            world.conversation(n, NOW).await;
        }
        let viewer = Viewer { user: world.users[0], role: Role::Agent };
        for limit in [1, 7, 40, 60] {
            let query = ListQuery { view: View::All, team: None, sort: Sort::Newest, cursor: None, limit };
            let (rows, channels) = world
                .db
                .read(world.workspace, move |scope| {
                    let mut rows = scope.list(viewer, &query)?;
                    // as if each had messages and had been read: the texts that ask for those are run too
                    for (row, seq) in rows.iter_mut().zip(1..) {
                        row.last_seq = seq;
                        row.last_message_seq = seq;
                    }
                    let seqs: Vec<i64> = rows.iter().map(|r| r.last_seq).collect();
                    scope.attachments_of(&seqs)?;
                    let first = rows[0].id;
                    scope.listed(viewer.user, first)?;
                    Ok::<_, StoreError>((rows.len(), scope.companions(&rows)?.channels.len()))
                })
                .await
                .unwrap();
            assert_eq!((rows, channels), (limit, limit), "{}", engine.name);
        }
    }
}

/// What each list and each look must be, from the rows alone: every viewer, every view, after any changes.
#[tokio::test]
async fn every_list_holds_what_its_definition_says_and_nothing_else() {
    for engine in engines() {
        let world = world(&engine).await;
        let labels = world.labels(&["leak", "leak/roof", "vip"]).await;
        let mut ids = Vec::new();
        for n in 0..14 {
            ids.push(world.conversation(n, NOW).await.0);
        }
        let every = ids.clone();
        let (users, open_team) = (world.users.clone(), world.team);
        let closed_team = TeamId::new(NOW, &partyline_store::scope::entropy());
        let (changing, member) = (labels.clone(), users[0]);
        world
            .db
            .write(world.workspace, NOW, move |tx| {
                tx.create_team(closed_team, "Closed", true)?;
                tx.join_team(closed_team, member)?;
                let mut dice = Dice::new(0x5eed_1e55);
                for step in 0..500i64 {
                    let id = ids[usize::try_from(dice.below(14)).unwrap()];
                    let user = users[usize::try_from(dice.below(4)).unwrap()];
                    let what = dice.below(9);
                    let status = Status::ALL[usize::try_from(dice.below(5)).unwrap()];
                    let team = [None, Some(open_team), Some(closed_team)][usize::try_from(dice.below(3)).unwrap()];
                    let put: Vec<_> = changing.iter().filter(|_| dice.below(3) == 0).map(|label| label.id).collect();
                    let at = Millis(NOW.0 + step);
                    tx.change(id, |held| match what {
                        0 => held.row.status = if dice.below(2) == 0 { Status::Open } else { status },
                        1 => held.row.team = team,
                        2 => held.user(user).assigned ^= true,
                        3 => held.user(user).mentioned_at = (dice.below(3) > 0).then_some(at),
                        4 => held.user(user).following ^= true,
                        5 => held.labels = with_those_above(&changing, &put),
                        6 => held.row.waiting_since = (dice.below(2) == 0).then_some(at),
                        7 => held.row.snoozed_until = (dice.below(2) == 0).then_some(at),
                        _ => held.row.last_activity_at = at,
                    })?;
                }
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
        let views = View::ALL.into_iter().chain(labels.iter().map(|label| View::Label(label.id))).collect::<Vec<_>>();
        let teams = [None, Some(world.team), Some(closed_team)];
        for (user, role) in [(0, Role::Agent), (1, Role::Agent), (2, Role::Viewer), (3, Role::Owner)] {
            let viewer = Viewer { user: world.users[user], role };
            for (view, team) in views.iter().flat_map(|view| teams.map(|team| (*view, team))) {
                for sort in [Sort::Newest, Sort::Waiting] {
                    let all = every.clone();
                    let (listed, defined) = world
                        .db
                        .read(world.workspace, move |scope| {
                            let query = ListQuery { view, team, sort, cursor: None, limit: 50 };
                            let listed: Vec<_> = scope.list(viewer, &query)?.iter().map(|row| row.id).collect();
                            Ok::<_, StoreError>((listed, defined(scope, &all, viewer, view, team, view.order(sort))?))
                        })
                        .await
                        .unwrap();
                    assert_eq!(listed, defined, "{}: {role} {user} {view:?} {team:?} {sort:?}", engine.name);
                }
            }
        }
    }
}

/// A list as product.md says it: everything is looked at, one after the other.
fn defined(
    scope: &mut Scope<'_>,
    all: &[ConversationId],
    viewer: Viewer,
    view: View,
    team: Option<TeamId>,
    order: Order,
) -> Result<Vec<ConversationId>, StoreError> {
    let visible = scope.visible_teams(viewer)?;
    let mut found = Vec::new();
    for id in all.iter().copied() {
        let row = scope.conversation(id)?.expect("it is there");
        let mine = scope.conversation_users(id)?.into_iter().find(|u| u.user == viewer.user);
        let assigned = scope.conversation_users(id)?.iter().any(|u| u.assigned);
        let (on_it, following) = mine.as_ref().map_or((false, false), |u| (u.assigned, u.following));
        let mentioned_at = mine.as_ref().and_then(|u| u.mentioned_at);
        let seen = row.team.is_none_or(|t| visible.contains(&t)) || on_it || mentioned_at.is_some();
        assert_eq!(scope.sees(viewer, id)?, seen, "{id}");
        let kept = matches!(row.status, Status::Open | Status::Snoozed | Status::Closed);
        let open = row.status == Status::Open;
        let belongs = match view {
            View::Unassigned => open && !assigned,
            View::All => open,
            View::Mine => open && on_it,
            View::Closed => row.status == Status::Closed,
            View::Snoozed => row.status == Status::Snoozed,
            View::Spam => row.status == Status::Spam,
            View::Trash => row.status == Status::Trash,
            View::MineSnoozed => row.status == Status::Snoozed && on_it,
            View::Mentions => kept && mentioned_at.is_some(),
            View::Following => kept && following,
            View::Label(label) => open && scope.labels_of(id)?.iter().any(|held| held.label == label),
        };
        // of one team, only what is seen with the team; what is shared from outside of it is in the lists over all
        let of_team = team.is_none_or(|t| {
            row.team == Some(t) && (visible.contains(&t) || (view.is_personal() && view != View::Following))
        });
        if seen && belongs && of_team {
            let key = match order {
                Order::Newest => row.last_activity_at,
                Order::Waiting => row.waiting_since.unwrap_or(Millis::NEVER),
                Order::Wakes => row.snoozed_until.unwrap_or(Millis::NEVER),
                Order::Mentioned => mentioned_at.unwrap_or(Millis(0)),
            };
            found.push((key, id));
        }
    }
    found.sort();
    if matches!(order, Order::Newest | Order::Mentioned) {
        found.reverse();
    }
    Ok(found.into_iter().map(|(_, id)| id).collect())
}
