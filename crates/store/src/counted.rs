//! Counts are kept and never counted; here they are counted all the same, to prove them and to mend them.

use std::collections::HashMap;

use partyline_core::conversation::{Status, cells};
use partyline_core::id::{ConversationId, TeamId, UserId};
use uuid::Uuid;

use crate::conversations::EVERY_READER;
use crate::error::Result;
use crate::scope::{Scope, Tx};
use crate::sql::queries;
use crate::value::values;

queries! {
    COUNTED = "SELECT c.id, c.status, c.team_id, c.unread_seq, u.user_id, u.assigned, u.is_read FROM (SELECT workspace, id, status, team_id, unread_seq FROM conversations WHERE workspace = $1 AND id > $2 ORDER BY id LIMIT $3) c LEFT JOIN conversation_users u ON u.workspace = c.workspace AND u.conversation_id = c.id ORDER BY c.id";
    ALL_TALLIES = "SELECT user_id, cell, team_id, owner_id, n FROM tallies WHERE workspace = $1 AND n <> 0";
    SET_TALLY = "INSERT INTO tallies (workspace, user_id, cell, team_id, owner_id, n) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace, user_id, cell, team_id, owner_id) DO UPDATE SET n = excluded.n";
}

/// Conversations that are counted at once.
const PAGE: i64 = 2_000;

/// Which counter: its reader, cell, team and owner.
type Key = (Uuid, String, Uuid, Uuid);

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
        type Counted = (ConversationId, Status, Option<TeamId>, i64, Option<UserId>, Option<bool>, Option<bool>);
        let mut counted: HashMap<Key, i64> = HashMap::new();
        let mut after = ConversationId::from_uuid(Uuid::nil());
        loop {
            let rows: Vec<Counted> = self.rows(COUNTED, values![after, PAGE])?;
            let Some(last) = rows.last() else { break };
            after = last.0;
            for group in rows.chunk_by(|a, b| a.0 == b.0) {
                let users: Vec<(UserId, bool, bool)> = group
                    .iter()
                    .filter_map(|r| Some((r.4?, r.5.unwrap_or_default(), r.6.unwrap_or_default())))
                    .collect();
                let assignees: Vec<UserId> = users.iter().filter(|u| u.1).map(|u| u.0).collect();
                let team = group[0].2.map_or(Uuid::nil(), TeamId::uuid);
                for cell in cells(group[0].1, &assignees) {
                    let owner = cell.owner().map_or(Uuid::nil(), UserId::uuid);
                    let mut count = |reader: Uuid| {
                        *counted.entry((reader, cell.as_str().to_owned(), team, owner)).or_default() += 1;
                    };
                    count(Uuid::nil());
                    if group[0].1 == Status::Open && group[0].3 == 0 {
                        count(EVERY_READER);
                    } else if group[0].1 == Status::Open {
                        for (user, _, _) in users.iter().filter(|u| u.2 && cell.owner().is_none_or(|o| o == u.0)) {
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
            self.run(SET_TALLY, values![*reader, cell, *team, *owner, *counted])?;
        }
        Ok(wrong.len())
    }
}
