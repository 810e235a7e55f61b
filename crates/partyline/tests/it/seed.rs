//! A seeded workspace is what two years of daily work would have left: counts, copies, the log and its seal all fit.

use std::process::{Command, Output};

use partyline_core::time::Millis;
use partyline_store::events::Audit;
use partyline_store::sql::Sql;
use partyline_store::{Db, StoreError, Workspace};

use crate::engine::{Engine, Place};
use crate::world::run;

const CONVERSATIONS: i64 = 400;
const ENTRIES: i64 = 2_100;

/// Each finds rows that daily work would never leave.
const WRONG: [(&str, &str); 16] = [
    (
        "a user's copy of a conversation's keys",
        "SELECT count(*) FROM conversation_users u JOIN conversations c ON c.workspace = u.workspace AND c.id = u.conversation_id WHERE u.access = 1 AND (u.status <> c.status OR u.team_id <> c.team_id OR u.last_activity_at <> c.last_activity_at OR u.waiting_order <> c.waiting_order)",
    ),
    (
        "who has read what",
        "SELECT count(*) FROM conversation_users u JOIN conversations c ON c.workspace = u.workspace AND c.id = u.conversation_id WHERE u.is_read <> CASE WHEN u.read_seq >= c.unread_seq THEN 1 ELSE 0 END OR u.access <> CASE WHEN u.assigned = 1 OR u.mentioned_at IS NOT NULL THEN 1 ELSE 0 END OR u.read_seq > c.last_seq",
    ),
    (
        "whether anybody is on it",
        "SELECT count(*) FROM conversations c WHERE c.assigned <> CASE WHEN EXISTS (SELECT 1 FROM conversation_users u WHERE u.workspace = c.workspace AND u.conversation_id = c.id AND u.assigned = 1) THEN 1 ELSE 0 END OR c.waiting_order <> coalesce(c.waiting_since, 253402300799999)",
    ),
    (
        "a label's copy of a conversation's keys, and their number",
        "SELECT count(*) FROM conversations c WHERE c.labels <> (SELECT count(*) FROM conversation_labels l WHERE l.workspace = c.workspace AND l.conversation_id = c.id AND coalesce(l.team_id, c.id) = coalesce(c.team_id, c.id) AND l.status = c.status AND l.last_activity_at = c.last_activity_at AND l.waiting_order = c.waiting_order)",
    ),
    (
        "the tasks that are not done",
        "SELECT count(*) FROM conversations c WHERE c.open_tasks <> (SELECT count(*) FROM tasks t JOIN entries e ON e.workspace = t.workspace AND e.seq = t.seq AND e.kind = 'note' WHERE t.workspace = c.workspace AND t.conversation_id = c.id AND t.done_at IS NULL)",
    ),
    (
        "who is named in a note",
        "SELECT count(*) FROM conversation_users u WHERE u.mentioned_at <> (SELECT max(e.at) FROM entries e WHERE e.workspace = u.workspace AND e.conversation_id = u.conversation_id AND e.kind = 'note' AND e.data IS NOT NULL)",
    ),
    (
        "the newest entry",
        "SELECT count(*) FROM conversations c WHERE c.last_seq <> (SELECT max(e.seq) FROM entries e WHERE e.workspace = c.workspace AND e.conversation_id = c.id)",
    ),
    (
        "the newest message",
        "SELECT count(*) FROM conversations c WHERE NOT EXISTS (SELECT 1 FROM entries e WHERE e.workspace = c.workspace AND e.seq = c.last_message_seq AND e.conversation_id = c.id AND substr(e.text, 1, 40) = substr(c.preview, 1, 40)) OR c.last_message_seq <> (SELECT max(e.seq) FROM entries e WHERE e.workspace = c.workspace AND e.conversation_id = c.id AND e.kind = 'message')",
    ),
    (
        "the newest entry that makes it unread",
        "SELECT count(*) FROM conversations c WHERE c.unread_seq <> (SELECT max(e.seq) FROM entries e WHERE e.workspace = c.workspace AND e.conversation_id = c.id AND (e.kind = 'note' OR e.direction = 'inbound'))",
    ),
    (
        "since when they wait",
        "SELECT count(*) FROM conversations c WHERE c.status = 'open' AND coalesce(c.waiting_since, 0) <> coalesce((SELECT min(e.at) FROM entries e WHERE e.workspace = c.workspace AND e.conversation_id = c.id AND e.direction = 'inbound' AND e.seq > coalesce((SELECT max(o.seq) FROM entries o WHERE o.workspace = c.workspace AND o.conversation_id = c.id AND o.direction = 'outbound'), 0)), 0)",
    ),
    (
        "when it ended",
        "SELECT count(*) FROM conversations c WHERE (c.status IN ('closed', 'spam', 'trash')) <> (c.closed_at IS NOT NULL) OR (c.status = 'snoozed') <> (c.snoozed_until IS NOT NULL)",
    ),
    (
        "the event that made an entry",
        "SELECT count(*) FROM entries e WHERE NOT EXISTS (SELECT 1 FROM events v WHERE v.workspace = e.workspace AND v.seq = e.seq AND v.conversation_id = e.conversation_id AND v.at = e.at)",
    ),
    (
        "what came in beside what was made of it",
        "SELECT count(*) FROM entries e WHERE e.direction = 'inbound' AND (e.provider_key IS NULL OR NOT EXISTS (SELECT 1 FROM inbound i WHERE i.workspace = e.workspace AND i.seq = e.seq AND i.state = 'applied'))",
    ),
    (
        "what went out with its delivery and its attempt",
        "SELECT count(*) FROM entries e WHERE e.direction = 'outbound' AND NOT EXISTS (SELECT 1 FROM deliveries d JOIN attempts a ON a.workspace = d.workspace AND a.seq = d.seq WHERE d.workspace = e.workspace AND d.seq = e.seq AND d.message_id = e.id)",
    ),
    (
        "the slot that the next message joins",
        "SELECT count(*) FROM conversations c WHERE NOT EXISTS (SELECT 1 FROM threads t JOIN conversations n ON n.workspace = t.workspace AND n.id = t.conversation_id WHERE t.workspace = c.workspace AND t.channel_id = c.channel_id AND t.address_id = c.address_id AND n.created_at >= c.created_at)",
    ),
    (
        "one consent for each address, folded from its ledger",
        "SELECT count(*) FROM addresses a WHERE NOT EXISTS (SELECT 1 FROM consents l JOIN consent_states s ON s.workspace = l.workspace AND s.address_key = l.address_key AND s.seq = l.seq WHERE l.workspace = a.workspace AND l.address_key = a.key AND s.update_state = l.state)",
    ),
];

/// What there is some of.
const SOME: [&str; 4] = [
    "SELECT count(*) FROM conversation_labels WHERE implied = 0",
    "SELECT count(*) FROM tasks",
    "SELECT count(*) FROM conversation_users WHERE mentioned_at IS NOT NULL",
    "SELECT count(*) FROM conversation_users WHERE following = 1",
];

fn seed(place: &Place, workspace: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_partyline"))
        .args(["seed", "--log", "warn", "--workspace", workspace])
        .args(["--conversations", &CONVERSATIONS.to_string(), "--entries", &ENTRIES.to_string()])
        .args(["--database-url", &place.url, "--data-dir"])
        .arg(place.folder.path())
        .output()
        .unwrap()
}

async fn count(db: &Db, text: &'static str) -> i64 {
    let rows = db.inspect(move |connection| connection.rows::<(i64,)>(Sql::declared("seed", text), &[])).await.unwrap();
    rows[0].0
}

async fn is_whole(db: &Db, workspace: Workspace) {
    let (audit, wrong) =
        db.read(workspace, |scope| Ok::<_, StoreError>((scope.audit()?, scope.wrong_tallies()?))).await.unwrap();
    assert!(matches!(audit, Audit::Whole { sealed, head, .. } if sealed == head && head > ENTRIES), "{audit:?}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn prove(engine: Engine) {
    let place = engine.place();
    let made = seed(&place, "Trial");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert!(String::from_utf8_lossy(&made.stdout).contains("rows/s"));
    let again = seed(&place, "Trial");
    assert!(!again.status.success(), "what is there is left alone");
    assert!(String::from_utf8_lossy(&again.stderr).contains("holds conversations already"));
    let second = seed(&place, "Other");
    assert!(second.status.success(), "{}", String::from_utf8_lossy(&second.stderr));
    run(async {
        let db = Db::open(&place.location, Millis(0)).unwrap();
        for number in [1, 2] {
            is_whole(&db, Workspace(number)).await;
        }
        assert_eq!(count(&db, "SELECT count(*) FROM conversations WHERE workspace = 1").await, CONVERSATIONS);
        assert_eq!(count(&db, "SELECT count(*) FROM entries WHERE workspace = 1").await, ENTRIES);
        assert!(count(&db, "SELECT count(*) FROM conversations WHERE status = 'open' AND assigned = 0").await > 0);
        assert!(count(&db, "SELECT count(*) FROM conversations WHERE status = 'open' AND assigned = 1").await > 0);
        for there in SOME {
            assert!(count(&db, there).await > 0, "{there}");
        }
        for (what, text) in WRONG {
            assert_eq!(count(&db, text).await, 0, "{what}");
        }
    });
}

#[test]
fn a_seeded_workspace_is_whole_on_sqlite() {
    prove(Engine::Sqlite);
}

#[test]
fn a_seeded_workspace_is_whole_on_postgres() {
    prove(Engine::Postgres);
}
