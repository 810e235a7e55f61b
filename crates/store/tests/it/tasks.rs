use partyline_core::permission::Role;
use partyline_core::time::Millis;
use partyline_store::tasks::{TaskCount, TaskQuery, TaskRow, sample_lists};
use partyline_store::value::Value;
use partyline_store::{StoreError, Viewer};

use crate::engines::{NOW, engines, world};

/// With many rows, no list of tasks may walk the table, nor sort what it has read.
#[tokio::test]
async fn every_list_of_tasks_is_served_by_an_index() {
    for engine in engines() {
        let world = world(&engine).await;
        let (conversation, ..) = world.conversation(1, NOW).await;
        let users = world.users.clone();
        let task = move |seq: i64| TaskRow {
            seq,
            conversation,
            assignee: (seq % 5 < 4).then(|| users[usize::try_from(seq % 4).unwrap()]),
            assignee_name: None,
            due_at: if seq % 3 == 0 { Millis::NEVER } else { Millis(NOW.0 + seq) },
            done_at: (seq % 8 < 4).then_some(Millis(NOW.0 + seq)),
            done_by: None,
            done_by_name: None,
        };
        let put = move |tx: &mut partyline_store::Tx<'_>| (1..=3_000).try_for_each(|seq| tx.put_task(&task(seq)));
        world.db.write(world.workspace, NOW, put).await.unwrap();
        let viewer = Viewer { user: world.users[0], role: Role::Agent };
        let workspace = world.workspace;
        let wrong: Vec<String> = world
            .db
            .inspect(move |connection| {
                connection.analyze()?;
                let mut wrong = Vec::new();
                for (name, sql, whose) in sample_lists() {
                    let mut values: Vec<Value> = vec![workspace.into(), viewer.user.into(), 0i64.into()];
                    values.extend(whose.then(|| viewer.user.into()));
                    values.extend([Value::Int(NOW.0), Value::Int(0), Value::Int(50)]);
                    for line in connection.plan(sql, &values)? {
                        let sqlite = line.starts_with("SCAN t") || line.contains("USE TEMP B-TREE");
                        if sqlite || line.contains("Seq Scan on tasks") {
                            wrong.push(format!("{name}: {line}"));
                        }
                    }
                }
                Ok::<_, StoreError>(wrong)
            })
            .await
            .unwrap();
        assert!(wrong.is_empty(), "{}:\n{}", engine.name, wrong.join("\n"));

        let (pages, count, open) = world
            .db
            .read(world.workspace, move |scope| {
                let mut pages = Vec::new();
                for done in [false, true] {
                    let (mut seen, mut cursor) = (Vec::new(), None);
                    loop {
                        let query = TaskQuery { assignee: Some(viewer.user), done, cursor, limit: 7 };
                        let page = scope.task_list(viewer, &query)?;
                        let Some((seq, key)) = page.last().copied() else { break };
                        cursor = Some((key, seq));
                        seen.extend(page.into_iter().map(|(seq, key)| (key, seq)));
                    }
                    pages.push(seen);
                }
                let count = scope.task_count(viewer, Millis(NOW.0 + 1_000))?;
                Ok::<_, StoreError>((pages, count, scope.listed(viewer.user, conversation)?.unwrap().open_tasks))
            })
            .await
            .unwrap();
        for (page, newest_first) in pages.iter().zip([false, true]) {
            let mut sorted = page.clone();
            sorted.sort_unstable();
            if newest_first {
                sorted.reverse();
            }
            assert_eq!(*page, sorted, "{}", engine.name);
        }
        let mine = |seq: &i64| seq % 4 == 0 && seq % 5 < 4;
        let of_mine = |done: bool| (1..=3_000).filter(mine).filter(move |seq| (seq % 8 < 4) == done);
        let late = |seq: &i64| seq % 3 != 0 && *seq <= 1_000;
        let overdue = i64::try_from(of_mine(false).filter(late).count()).unwrap();
        let expected = [false, true].map(|done| of_mine(done).count());
        assert_eq!([pages[0].len(), pages[1].len()], expected, "{}", engine.name);
        let open_of_mine = i64::try_from(expected[0]).unwrap();
        assert_eq!(count, TaskCount { open: open_of_mine, overdue }, "{}", engine.name);
        assert_eq!(open, 1_500, "{}: everybody's", engine.name);
    }
}

#[tokio::test]
async fn who_only_observes_a_team_is_not_counted_on() {
    for engine in engines() {
        let world = world(&engine).await;
        let (team, counted, observing) = (world.team, world.users[0], world.users[1]);
        let join = |user| world.db.write(world.workspace, NOW, move |tx| tx.join_team(team, user));
        join(observing).await.unwrap();
        world.db.tamper("UPDATE team_members SET kind = 'observing'", false).await.unwrap();
        join(counted).await.unwrap();
        let left = world.db.read(world.workspace, move |scope| scope.counted_on(team)).await.unwrap();
        assert_eq!(left, [counted], "{}", engine.name);
    }
}
