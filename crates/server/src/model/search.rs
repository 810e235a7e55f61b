//! What a search found.

use partyline_core::id::{ChannelId, ContactId, ConversationId};
use partyline_core::query::{Mark, Placed, Span};
use partyline_core::time::Millis;
use partyline_desk::search::facets::{Facets, FacetsView};
use partyline_desk::search::{HitView, PersonView, QueryProblem, SearchView};
use serde::Serialize;
use utoipa::ToSchema;

use super::conversation::ConversationOut;
use super::entry::AuthorOut;
use super::words;

/// What a search found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Found)]
pub struct SearchOut {
    /// The query as it was understood: reading it gives the same again.
    pub text: String,
    /// Its terms, in their order.
    #[schema(value_type = Vec<TermOut>)]
    pub terms: Vec<Placed>,
    /// What was not understood, and names that nothing has.
    pub problems: Vec<QueryProblemOut>,
    /// People, on the first page of a search without operators.
    pub people: Vec<FoundContactOut>,
    /// Entries, the newest first.
    pub data: Vec<HitOut>,
    /// Where the next page begins; null at the end.
    pub next_cursor: Option<String>,
    /// The search stopped before the page was full, as it would have taken too long: where it goes on. Null where it did not.
    pub older_cursor: Option<String>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

/// A part of a query.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SearchTerm)]
pub struct TermOut {
    /// `word`, `phrase` or `operator`.
    pub kind: String,
    /// `from`, `to`, `in`, `label`, `assignee`, `channel`, `is`, `has`, `before`, `after`; null for words.
    pub operator: Option<String>,
    /// The words, or what the operator asks for.
    pub value: String,
    /// Is the last word only the beginning of one?
    pub prefix: bool,
    /// Must it not be there?
    pub negated: bool,
    /// The whole term, to be put into a query.
    pub text: String,
    /// Where it stood in `q`: the first and after the last, as JavaScript counts characters.
    pub span: Vec<u32>,
}

/// What was not understood of a query.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SearchProblem)]
pub struct QueryProblemOut {
    /// A stable word.
    pub code: &'static str,
    /// What to do about it.
    pub message: String,
    /// Where it stands in `q`.
    #[schema(value_type = Vec<u32>)]
    pub span: Span,
}

impl From<QueryProblem> for QueryProblemOut {
    fn from(problem: QueryProblem) -> Self {
        QueryProblemOut { code: problem.code, message: problem.message, span: problem.span }
    }
}

/// An entry that was found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Hit)]
pub struct HitOut {
    /// Its conversation, as in lists.
    pub conversation: ConversationOut,
    /// The entry.
    pub entry: HitEntryOut,
    /// In what it was found: `text`, or `file`, the name of one of its files.
    pub field: &'static str,
    /// What was found in the entry's text: the first and after the last, as JavaScript counts characters.
    #[schema(value_type = Vec<Vec<u32>>)]
    pub marks: Vec<Mark>,
}

/// An entry, as far as a hit shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HitEntry)]
pub struct HitEntryOut {
    /// `msg_…`, `note_…`
    pub id: String,
    /// `message`, `note` or `call`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened.
    #[schema(value_type = words::Time)]
    pub at: Millis,
    /// Which way it went; null for notes.
    #[schema(value_type = Option<words::Direction>)]
    pub direction: Option<String>,
    /// Through which channel.
    #[schema(value_type = Option<String>)]
    pub channel_id: Option<ChannelId>,
    /// Who wrote it.
    pub author: AuthorOut,
    /// The part of it in which something was found, or the name of the file; on one line.
    pub text: String,
    /// How many files it has.
    pub attachments: usize,
}

/// Somebody who was found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FoundContact)]
pub struct FoundContactOut {
    /// `cont_…`
    #[schema(value_type = String)]
    pub id: ContactId,
    /// What they are called.
    pub name: Option<String>,
    /// What was found in the name.
    #[schema(value_type = Vec<Vec<u32>>)]
    pub name_marks: Vec<Mark>,
    /// Where they are reached: where something was found in it, that one of several.
    pub address: Option<String>,
    /// What was found in the address.
    #[schema(value_type = Vec<Vec<u32>>)]
    pub address_marks: Vec<Mark>,
    /// The newest conversation with them that I may see.
    #[schema(value_type = Option<String>)]
    pub conversation_id: Option<ConversationId>,
}

impl From<PersonView> for FoundContactOut {
    fn from(view: PersonView) -> Self {
        FoundContactOut {
            id: view.contact.id,
            name: view.contact.name,
            name_marks: view.name_marks,
            address: view.address,
            address_marks: view.address_marks,
            conversation_id: view.contact.conversation,
        }
    }
}

impl From<HitView> for HitOut {
    fn from(hit: HitView) -> Self {
        HitOut {
            conversation: hit.conversation.into(),
            entry: HitEntryOut {
                id: hit.id.to_string(),
                kind: hit.row.kind,
                at: hit.row.at,
                direction: hit.row.direction,
                channel_id: hit.row.channel,
                author: AuthorOut::of(hit.row.author_kind, hit.row.author, hit.row.author_name),
                text: hit.text,
                attachments: hit.files,
            },
            field: hit.field.as_str(),
            marks: hit.marks,
        }
    }
}

impl From<SearchView> for SearchOut {
    fn from(view: SearchView) -> Self {
        SearchOut {
            text: view.query.to_string(),
            terms: view.query.terms,
            problems: view.problems.into_iter().map(QueryProblemOut::from).collect(),
            people: view.people.into_iter().map(FoundContactOut::from).collect(),
            data: view.hits.into_iter().map(HitOut::from).collect(),
            next_cursor: view.next,
            older_cursor: view.older,
            took_ms: u64::try_from(view.took.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// Counts of what a search finds. The search goes through all that is found until it would take too long: where it stopped, there
/// may be more of everything.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SearchFacets)]
pub struct FacetsOut {
    /// Entries.
    pub hits: usize,
    /// Conversations that they are in.
    pub conversations: usize,
    /// Entries that are not shown: they are in conversations that I may not see.
    pub hidden: usize,
    /// Is this all?
    pub complete: bool,
    /// By kind of channel, as `channel:` takes it (`notes` for notes), the most first.
    pub channels: FacetListOut,
    /// By who wrote them, by name or address, as `from:` takes it; the most first.
    pub people: FacetListOut,
    /// By month in the workspace's time zone (`2026-11`), as `after:` takes it; the newest first.
    pub months: FacetListOut,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

/// Counts of one kind.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FacetList)]
pub struct FacetListOut {
    /// The largest ones, each.
    pub data: Vec<FacetOut>,
    /// How many others there are.
    pub others: usize,
    /// How many entries they have together.
    pub others_count: usize,
}

/// How many there are of something.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Facet)]
pub struct FacetOut {
    /// What.
    pub value: String,
    /// How many entries.
    pub count: usize,
}

impl From<Facets> for FacetListOut {
    fn from(facets: Facets) -> Self {
        let data = facets.rows.into_iter().map(|facet| FacetOut { value: facet.value, count: facet.count }).collect();
        FacetListOut { data, others: facets.others, others_count: facets.others_count }
    }
}

impl From<FacetsView> for FacetsOut {
    fn from(view: FacetsView) -> Self {
        FacetsOut {
            hits: view.hits,
            conversations: view.conversations,
            hidden: view.hidden,
            complete: !view.is_capped,
            channels: view.channels.into(),
            people: view.people.into(),
            months: view.months.into(),
            took_ms: u64::try_from(view.took.as_millis()).unwrap_or(u64::MAX),
        }
    }
}
