//! What all that a search finds has in common: how many there are through which channel, of whom, from which month. A walk of its own,
//! so that nobody waits for it to see what was found first; and bounded as every walk is, so the counts say when there may be more.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use partyline_core::permission::Permission;
use partyline_core::query::Query;
use partyline_core::time::{Millis, zone};
use partyline_store::Scope;
use partyline_store::search::walk::Bounds;

use super::{BOUNDS_OF_PEOPLE, resolve};
use crate::error::Result;
use crate::settings::{self, WorkspaceSettings};
use crate::view::AsOf;
use crate::{Desk, Who};

/// As far as the walk for a page goes: what it counts is then what "search older" would go beyond, too.
const BOUNDS: Bounds = super::BOUNDS;
/// People who are counted by name; the others are counted together.
pub const PEOPLE_COUNTED: usize = 5;
/// Months that are counted each, the newest; those before are counted together.
pub const MONTHS_COUNTED: usize = 6;
/// What notes are called among the channels.
pub const NOTES: &str = "notes";

/// A count of something that has a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// What: the kind of a channel, a name, a month (`2026-11`). As an operator takes it.
    pub value: String,
    /// How many entries.
    pub count: usize,
}

/// Counts of one kind: the largest ones, and how many the others have together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    /// Each.
    pub rows: Vec<Facet>,
    /// Kinds of the others.
    pub others: usize,
    /// Their entries.
    pub others_count: usize,
}

/// What all that is found has in common.
#[derive(Debug, Clone, Default)]
pub struct FacetsView {
    /// Entries.
    pub hits: usize,
    /// Conversations that they are in.
    pub conversations: usize,
    /// Entries in conversations that the caller may not see.
    pub hidden: usize,
    /// Did the walk stop early, so that there may be more of everything?
    pub is_capped: bool,
    /// By kind of channel, the most first.
    pub channels: Facets,
    /// By who wrote them, the most first.
    pub people: Facets,
    /// By month in the workspace's time zone, the newest first.
    pub months: Facets,
    /// How long it took.
    pub took: Duration,
}

impl Desk {
    /// Counts what a search finds.
    pub async fn search_facets(&self, who: &Who, q: String) -> Result<AsOf<FacetsView>> {
        who.must(Permission::Read)?;
        let began = Instant::now();
        let query = Query::parse(&q);
        let (who, now) = (who.clone(), self.now());
        self.inner
            .db
            .read(who.workspace, move |scope| {
                let mut view = FacetsView::default();
                if !query.terms.is_empty() {
                    view = count(scope, &who, &query, now)?;
                }
                view.took = began.elapsed();
                Ok(AsOf { seq: scope.seq()?, value: view })
            })
            .await
    }
}

fn count(scope: &mut Scope<'_>, who: &Who, query: &Query, now: Millis) -> Result<FacetsView> {
    let (seek, _) = resolve::resolve(scope, who, query, now, None, BOUNDS_OF_PEOPLE)?;
    let found = scope.survey(who.viewer(), &seek, BOUNDS)?;
    let kinds: HashMap<_, _> = scope.channels()?.into_iter().map(|channel| (channel.id, channel.kind)).collect();
    let mut channels: BTreeMap<String, usize> = BTreeMap::new();
    for (channel, n) in &found.channels {
        let kind = channel.map_or(Some(NOTES), |id| kinds.get(&id).map(String::as_str));
        *channels.entry(kind.unwrap_or(NOTES).to_owned()).or_default() += n;
    }
    let settings: WorkspaceSettings = settings::parse(&scope.workspace_row()?.settings);
    let zone = zone(&settings.time_zone);
    let mut months: BTreeMap<String, usize> = BTreeMap::new();
    for month in found.times.iter().filter_map(|at| at.month(&zone)) {
        *months.entry(month).or_default() += 1;
    }
    let mut authors: Vec<_> = found.authors.iter().map(|(id, n)| (*id, *n)).collect();
    authors.sort_unstable_by_key(|(id, n)| (std::cmp::Reverse(*n), *id));
    let named: Vec<_> = authors.iter().take(PEOPLE_COUNTED).map(|(id, _)| *id).collect();
    let names: HashMap<_, _> = scope.author_names(&named)?.into_iter().collect();
    let people = authors.into_iter().map(|(id, n)| (names.get(&id).cloned().flatten().unwrap_or_default(), n));
    Ok(FacetsView {
        hits: found.hits,
        conversations: found.conversations.len(),
        hidden: found.hidden,
        is_capped: found.is_capped,
        channels: largest(channels.into_iter(), usize::MAX),
        people: first(people.collect(), PEOPLE_COUNTED),
        months: first(months.into_iter().rev().collect(), MONTHS_COUNTED),
        took: Duration::ZERO,
    })
}

fn largest(counts: impl Iterator<Item = (String, usize)>, most: usize) -> Facets {
    let mut counts: Vec<_> = counts.collect();
    counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    first(counts, most)
}

/// The first of them each, and the others together. What has no name is among the others.
fn first(counts: Vec<(String, usize)>, most: usize) -> Facets {
    let mut facets = Facets::default();
    for (value, count) in counts {
        if facets.rows.len() < most && !value.is_empty() {
            facets.rows.push(Facet { value, count });
        } else {
            facets.others += 1;
            facets.others_count += count;
        }
    }
    facets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_counted_each_and_the_others_together() {
        let counts = |list: &[(&str, usize)]| list.iter().map(|(v, n)| ((*v).to_owned(), *n)).collect::<Vec<_>>();
        let facets = first(counts(&[("a", 3), ("", 2), ("b", 2), ("c", 1)]), 2);
        assert_eq!(facets.rows.iter().map(|f| f.value.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((facets.others, facets.others_count), (2, 3));
        let all = largest(counts(&[("a", 1), ("b", 5)]).into_iter(), usize::MAX);
        assert_eq!(all.rows[0], Facet { value: "b".to_owned(), count: 5 });
        assert_eq!((all.others, all.others_count), (0, 0));
    }
}
