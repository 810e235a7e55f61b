//! Counts are kept and never counted; here they are counted all the same, to prove them and to mend them.

use std::collections::HashMap;

use partyline_core::conversation::{Counted, Status, cells};
use partyline_core::id::{ConversationId, LabelId, TeamId, UserId};
use uuid::Uuid;

use crate::conversations::EVERY_READER;
use crate::error::Result;
use crate::scope::{Scope, Tx};
use crate::sql::queries;
use crate::value::{row, values};

queries! {
    COUNTED = "SELECT c.id, c.status, c.team_id, c.unread_seq, u.user_id, u.assigned, u.is_read, u.mentioned_at, u.following FROM (SELECT workspace, id, status, team_id, unread_seq FROM conversations WHERE workspace = $1 AND id > $2 ORDER BY id LIMIT $3) c LEFT JOIN conversation_users u ON u.workspace = c.workspace AND u.conversation_id = c.id ORDER BY c.id";
    LABELLED = "SELECT conversation_id, label_id FROM conversation_labels WHERE workspace = $1 AND conversation_id > $2 AND conversation_id <= $3 ORDER BY conversation_id, label_id";
    ALL_TALLIES = "SELECT user_id, cell, team_id, owner_id, n FROM tallies WHERE workspace = $1 AND n <> 0";
    SET_TALLY = "INSERT INTO tallies (workspace, user_id, cell, team_id, owner_id, n) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace, user_id, cell, team_id, owner_id) DO UPDATE SET n = excluded.n";
}

/// Conversations that are counted at once.
const PAGE: i64 = 2_000;

/// Which counter: its reader, cell, team and owner.
type Key = (Uuid, String, Uuid, Uuid);

row! {
    /// A conversation, once for each user who has something to do with it; once without one where nobody has.
    pub struct Found {
        /// Which.
        pub id: ConversationId,
        /// What the team has done with it.
        pub status: Status,
        /// Whose inbox.
        pub team: Option<TeamId>,
        /// The newest entry that makes it unread.
        pub unread_seq: i64,
        /// Who.
        pub user: Option<UserId>,
        /// Are they on it?
        pub assigned: Option<bool>,
        /// Have they read it?
        pub is_read: Option<bool>,
        /// When a note last named them.
        pub mentioned_at: Option<i64>,
        /// Do they follow it?
        pub following: Option<bool>,
    }
}

/// A counter that is not what counting gives.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wrong {
    key: Key,
    kept: i64,
    counted: i64,
}

impl Scope<'_> {
    /// Counts everything anew and says which counters differ: none, or there is a defect.
    pub fn wrong_tallies(&mut self) -> Result<Vec<String>> {
        let wrong = self.count_anew()?;
        Ok(wrong.into_iter().map(|w| format!("{:?} is {}, should be {}", w.key, w.kept, w.counted)).collect())
    }

    fn count_anew(&mut self) -> Result<Vec<Wrong>> {
        let mut counted: HashMap<Key, i64> = HashMap::new();
        let mut after = ConversationId::from_uuid(Uuid::nil());
        loop {
            let rows: Vec<Found> = self.rows(COUNTED, values![after, PAGE])?;
            let Some(last) = rows.last().map(|row| row.id) else { break };
            let labelled: Vec<(ConversationId, LabelId)> = self.rows(LABELLED, values![after, last])?;
            after = last;
            for group in rows.chunk_by(|a, b| a.id == b.id) {
                let Found { id, status, team, unread_seq, .. } = group[0];
                let who = |is: fn(&Found) -> Option<bool>| -> Vec<UserId> {
                    group.iter().filter(|r| is(r) == Some(true)).filter_map(|r| r.user).collect()
                };
                let from = labelled.partition_point(|(of, _)| *of < id);
                let of = Counted {
                    assignees: who(|r| r.assigned),
                    mentioned: who(|r| Some(r.mentioned_at.is_some())),
                    following: who(|r| r.following),
                    labels: labelled[from..].iter().take_while(|(of, _)| *of == id).map(|(_, label)| *label).collect(),
                };
                let readers = who(|r| r.is_read);
                let team = team.map_or(Uuid::nil(), TeamId::uuid);
                for cell in cells(status, &of) {
                    let mut count = |reader: Uuid| {
                        *counted.entry((reader, cell.as_str().to_owned(), team, cell.owner())).or_default() += 1;
                    };
                    count(Uuid::nil());
                    if status == Status::Open && unread_seq == 0 {
                        count(EVERY_READER);
                    } else if status == Status::Open {
                        for user in readers.iter().filter(|u| cell.person().is_none_or(|person| person == **u)) {
                            count(user.uuid());
                        }
                    }
                }
            }
        }
        let kept: Vec<(Uuid, String, Uuid, Uuid, i64)> = self.rows(ALL_TALLIES, &[])?;
        let mut wrong = Vec::new();
        for (reader, cell, team, owner, kept) in kept {
            let key = (reader, cell, team, owner);
            let counted = counted.remove(&key).unwrap_or(0);
            if counted != kept {
                wrong.push(Wrong { key, kept, counted });
            }
        }
        wrong.extend(counted.into_iter().map(|(key, counted)| Wrong { key, kept: 0, counted }));
        Ok(wrong)
    }
}

impl Tx<'_> {
    /// Makes every counter what counting gives, and says how many were not.
    pub fn repair_tallies(&mut self) -> Result<usize> {
        let wrong = self.count_anew()?;
        for Wrong { key: (reader, cell, team, owner), counted, .. } in &wrong {
            self.write(SET_TALLY, values![*reader, cell, *team, *owner, *counted])?;
        }
        Ok(wrong.len())
    }
}
