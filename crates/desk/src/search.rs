//! Search over all that a team keeps: what people write, understood by [`partyline_core::query`], looked for in the index of words, and
//! shown as far as they may see it, the newest first.

mod excerpt;
pub mod facets;
pub mod fill;
mod resolve;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use partyline_core::conversation::EntryId;
use partyline_core::id::ConversationId;
use partyline_core::permission::Permission;
use partyline_core::query::{Mark, Query, Term, What, marks};
use partyline_store::entries::entry_id;
use partyline_store::search::fill::spoken;
use partyline_store::search::hits::HitRow;
use partyline_store::search::people::FoundContact;
use partyline_store::search::walk::Bounds;
use partyline_store::{Scope, StoreError};

use crate::error::{DeskError, Result};
use crate::view::{AsOf, ConversationView, conversation_views};
use crate::{Desk, Who};

pub use excerpt::EXCERPT_MAX;
pub use resolve::QueryProblem;

/// A walk ends after so many finds, or so long, and says where it can go on: a slow answer helps nobody.
const BOUNDS: Bounds = Bounds { candidates: 20_000, time: Duration::from_millis(80) };
/// The same for people, of whom few are shown.
const BOUNDS_OF_PEOPLE: Bounds = Bounds { candidates: 500, time: Duration::from_millis(40) };
/// People who are shown above what is found.
const PEOPLE_SHOWN: usize = 5;
/// Hits of one page, at most.
pub const HITS_MAX: usize = 100;

/// What a search asks for.
#[derive(Clone, Default)]
pub struct SearchIn {
    /// What somebody wrote.
    pub q: String,
    /// What the page before said comes next, or is older.
    pub cursor: Option<String>,
    /// How many hits.
    pub limit: usize,
}

/// In what the words were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// In what it says; also where nothing but operators asked for it.
    Text,
    /// In the name of one of its files.
    File,
}

impl Field {
    /// The word in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Field::Text => "text",
            Field::File => "file",
        }
    }
}

/// An entry that was found.
#[derive(Debug, Clone)]
pub struct HitView {
    /// Its conversation.
    pub conversation: ConversationView,
    /// Its row.
    pub row: HitRow,
    /// Its id.
    pub id: EntryId,
    /// In what it was found.
    pub field: Field,
    /// An excerpt of that, on one line.
    pub text: String,
    /// What was found in it.
    pub marks: Vec<Mark>,
    /// How many files it has.
    pub files: usize,
}

/// Somebody who was found.
#[derive(Debug, Clone)]
pub struct PersonView {
    /// Who.
    pub contact: FoundContact,
    /// What was found in their name.
    pub name_marks: Vec<Mark>,
    /// The address that is shown: the one in which something was found.
    pub address: Option<String>,
    /// What was found in it.
    pub address_marks: Vec<Mark>,
}

/// What was found.
#[derive(Debug, Clone)]
pub struct SearchView {
    /// What was understood.
    pub query: Query,
    /// What was not, and names that nothing has.
    pub problems: Vec<QueryProblem>,
    /// People, on the first page of a search without operators.
    pub people: Vec<PersonView>,
    /// Entries, the newest first.
    pub hits: Vec<HitView>,
    /// Where the next page begins.
    pub next: Option<String>,
    /// The walk stopped early: where it can go on.
    pub older: Option<String>,
    /// How long it took.
    pub took: Duration,
}

impl Desk {
    /// One page of what is found.
    pub async fn search(&self, who: &Who, search: SearchIn) -> Result<AsOf<SearchView>> {
        who.must(Permission::Read)?;
        let began = Instant::now();
        let before = match &search.cursor {
            None => None,
            Some(text) => Some(text.parse::<i64>().ok().filter(|seq| *seq > 0).ok_or_else(|| {
                DeskError::field("cursor", "malformed", "Leave the cursor out to begin with the newest.")
            })?),
        };
        let query = Query::parse(&search.q);
        let limit = search.limit.clamp(1, HITS_MAX);
        let (who, now) = (who.clone(), self.now());
        self.inner
            .db
            .read(who.workspace, move |scope| {
                let mut view = SearchView {
                    problems: query.problems.iter().map(problem).collect(),
                    query,
                    people: Vec::new(),
                    hits: Vec::new(),
                    next: None,
                    older: None,
                    took: Duration::ZERO,
                };
                if !view.query.terms.is_empty() {
                    let (seek, unknown) = resolve::resolve(scope, &who, &view.query, now, before, BOUNDS_OF_PEOPLE)?;
                    view.problems.extend(unknown);
                    view.problems.sort_by_key(|problem| problem.span.bytes.start);
                    let found = scope.seek(who.viewer(), &seek, limit, BOUNDS)?;
                    view.hits = hits(scope, &who, &view.query, &found.hits)?;
                    view.next = found.next.map(|seq| seq.to_string());
                    view.older = found.older.map(|seq| seq.to_string());
                    let is_words = view.query.terms.iter().all(|placed| placed.term.what.operator().is_none());
                    if before.is_none() && is_words {
                        view.people = people(scope, &who, &view.query, PEOPLE_SHOWN)?;
                    }
                }
                view.took = began.elapsed();
                Ok(AsOf { seq: scope.seq()?, value: view })
            })
            .await
    }

    /// People by name or number, whom this user may know of: as many as `limit`, the newest first.
    pub async fn contacts(&self, who: &Who, q: String, limit: usize) -> Result<AsOf<Vec<PersonView>>> {
        who.must(Permission::Reply)?;
        let (who, limit) = (who.clone(), limit.clamp(1, HITS_MAX));
        self.inner
            .db
            .read(who.workspace, move |scope| {
                let query = Query::parse(&q);
                Ok(AsOf { seq: scope.seq()?, value: people(scope, &who, &query, limit)? })
            })
            .await
    }
}

fn problem(problem: &partyline_core::query::Problem) -> QueryProblem {
    QueryProblem { code: problem.kind.code(), message: problem.kind.to_string(), span: problem.span.clone() }
}

fn hits(
    scope: &mut Scope<'_>,
    who: &Who,
    query: &Query,
    found: &[(i64, ConversationId)],
) -> Result<Vec<HitView>, StoreError> {
    let seqs: Vec<i64> = found.iter().map(|(seq, _)| *seq).collect();
    let mut ids: Vec<ConversationId> = found.iter().map(|(_, id)| *id).collect();
    ids.sort_unstable();
    ids.dedup();
    let rows = scope.listed_some(who.user, &ids)?;
    let conversations: HashMap<ConversationId, ConversationView> =
        conversation_views(scope, rows)?.into_iter().map(|view| (view.row.id, view)).collect();
    let mut files: HashMap<i64, Vec<String>> = HashMap::new();
    for file in scope.attachments_of(&seqs)? {
        files.entry(file.seq.unwrap_or_default()).or_default().push(file.name);
    }
    let mut hits = Vec::with_capacity(found.len());
    for row in scope.hits(&seqs)? {
        let Some(conversation) = conversations.get(&row.conversation).cloned() else { continue };
        let names = files.remove(&row.seq).unwrap_or_default();
        let (mut field, (mut text, mut marks)) =
            (Field::Text, excerpt::excerpt(&spoken(row.text.as_deref().unwrap_or_default()), query));
        if marks.is_empty() {
            let found = names.iter().map(|name| excerpt::excerpt(name, query)).find(|(_, marks)| !marks.is_empty());
            // what has no words is known by its first file
            let named = if text.is_empty() { names.first().map(|name| (name.clone(), Vec::new())) } else { None };
            if let Some((name, in_name)) = found.or(named) {
                (field, text, marks) = (Field::File, name, in_name);
            }
        }
        hits.push(HitView {
            id: entry_id(&row.kind, row.uuid)?,
            conversation,
            row,
            field,
            text,
            marks,
            files: names.len(),
        });
    }
    Ok(hits)
}

fn people(scope: &mut Scope<'_>, who: &Who, query: &Query, limit: usize) -> Result<Vec<PersonView>, StoreError> {
    // names are looked for while they are being written
    let beginnings: Vec<Term> = query.terms.iter().filter_map(|placed| beginning(&placed.term)).collect();
    let looks = query.looks();
    let found = scope.find_contacts(who.viewer(), &looks, limit, BOUNDS_OF_PEOPLE)?;
    let query = Query::of(&beginnings);
    let view = |contact: FoundContact| {
        let name_marks = contact.name.as_deref().map_or_else(Vec::new, |name| marks(name, &query));
        let marked = |address: &&String| !marks(address, &query).is_empty();
        let address = contact.addresses.iter().find(marked).or(contact.addresses.first()).cloned();
        let address_marks = address.as_deref().map_or_else(Vec::new, |address| marks(address, &query));
        PersonView { contact, name_marks, address, address_marks }
    };
    Ok(found.into_iter().map(view).collect())
}

fn beginning(term: &Term) -> Option<Term> {
    match &term.what {
        What::Text { text, .. } => {
            Some(Term { what: What::Text { text: text.clone(), prefix: true }, negated: term.negated })
        }
        _ => None,
    }
}
