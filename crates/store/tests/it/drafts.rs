use partyline_core::id::{ChannelId, DraftId, Uuid};
use partyline_core::permission::Role;
use partyline_core::time::Millis;
use partyline_store::drafts::{DraftCount, DraftList, DraftRow, sample_lists};
use partyline_store::value::Value;
use partyline_store::{StoreError, Viewer};

use crate::engines::{NOW, engines, world};

/// With many rows, no list of drafts may walk the table, nor sort what is one person's.
#[tokio::test]
async fn every_list_of_drafts_is_served_by_an_index() {
    for engine in engines() {
        let world = world(&engine).await;
        let (conversation, ..) = world.conversation(1, NOW).await;
        let users = world.users.clone();
        let draft = move |n: u32| DraftRow {
            id: DraftId::from_uuid(Uuid::from_u128(u128::from(n))),
            conversation,
            channel: ChannelId::from_uuid(Uuid::from_u128(u128::from(n))),
            holder: users[usize::try_from(n % 4).unwrap()],
            holder_name: None,
            holder_role: None,
            holder_left: None,
            text: "Hello".to_owned(),
            meta: "{}".to_owned(),
            version: 1,
            review_by: n.is_multiple_of(3).then(|| users[0]),
            reviewer_name: None,
            created_at: NOW,
            updated_at: Millis(NOW.0 + i64::from(n / 2)),
        };
        let put = move |tx: &mut partyline_store::Tx<'_>| (1..=3_000).try_for_each(|n| tx.create_draft(&draft(n)));
        world.db.write(world.workspace, NOW, put).await.unwrap();
        let viewer = Viewer { user: world.users[0], role: Role::Agent };
        let workspace = world.workspace;
        let wrong: Vec<String> = world
            .db
            .inspect(move |connection| {
                connection.analyze()?;
                let mut wrong = Vec::new();
                for (name, sql) in sample_lists() {
                    let values: Vec<Value> = vec![
                        workspace.into(),
                        viewer.user.into(),
                        0i64.into(),
                        i64::MAX.into(),
                        DraftId::from_uuid(Uuid::max()).into(),
                        50i64.into(),
                    ];
                    for line in connection.plan(sql, &values)? {
                        let sqlite = line.starts_with("SCAN d") || (name != "left" && line.contains("USE TEMP B-TREE"));
                        if sqlite || (name != "left" && line.contains("Seq Scan on drafts")) {
                            wrong.push(format!("{name}: {line}"));
                        }
                    }
                }
                Ok::<_, StoreError>(wrong)
            })
            .await
            .unwrap();
        assert!(wrong.is_empty(), "{}:\n{}", engine.name, wrong.join("\n"));

        let (pages, count) = world
            .db
            .read(world.workspace, move |scope| {
                let mut pages = Vec::new();
                for list in [DraftList::Held, DraftList::ToReview, DraftList::Left] {
                    let mut seen = Vec::new();
                    let mut before = (Millis(i64::MAX), DraftId::from_uuid(Uuid::max()));
                    loop {
                        let page = scope.draft_list(viewer, list, before, 7)?;
                        let Some((id, at)) = page.last().copied() else { break };
                        before = (at, id);
                        seen.extend(page.into_iter().map(|(id, at)| (at, id)));
                    }
                    pages.push(seen);
                }
                Ok::<_, StoreError>((pages, scope.draft_count(viewer)?))
            })
            .await
            .unwrap();
        for page in &pages {
            let mut sorted = page.clone();
            sorted.sort_unstable_by(|a, b| b.cmp(a));
            sorted.dedup();
            assert_eq!(page, &sorted, "{}: every draft once, the newest first", engine.name);
        }
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [750, 1_000, 0], "{}", engine.name);
        assert_eq!(count, DraftCount { held: 750, to_review: 1_000 });
    }
}
