//! What a team asks for all day: pages of its lists, its counts, and searches. The names of what `partyline seed` writes stand here.

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::server::Seat;

/// Lists by their place in the address.
const VIEWS: [&str; 12] = [
    "view=unassigned&sort=newest",
    "view=unassigned&sort=waiting",
    "view=mine&sort=newest",
    "view=mine&sort=waiting",
    "view=all&sort=newest",
    "view=all&sort=waiting",
    "view=closed&sort=newest",
    "view=snoozed",
    "view=mine_snoozed",
    "view=mentions",
    "view=following",
    "view=spam",
];
/// A label that many conversations have, and one that hardly any has.
const LABELS: [&str; 2] = ["Repair", "Insurance"];
/// A team with much work, and the last one, which has hardly any: of those of the seed, since the workspace has one of its own.
const TEAMS: [&str; 2] = ["Front desk", "Night shift"];
/// Lists that are long enough at a million for a page so far down.
const DEEP: [&str; 3] = ["view=all&sort=newest", "view=all&sort=waiting", "view=closed&sort=newest"];
/// How far down.
const PAGE: usize = 200;
/// Rows of a page.
const LIMIT: usize = 50;
/// What is looked for: a word that is hardly ever said, one that is said all the time, twice two that are never said together, a number
/// in the middle of which people begin, and what only a few conversations can hold.
const SEARCHES: [(&str, &str); 7] = [
    ("a rare word", "hailstorm"),
    ("a common word", "order"),
    ("two words, no hit", "invoice scratch"),
    ("two more words, no hit", "parking refund"),
    ("part of a number", "5550042"),
    ("a common word in a small team", "in:\"night shift\" order"),
    ("a common word with a rare label", "label:insurance order"),
];

/// What is asked for, and its path.
pub type Asked = Vec<(String, String)>;

/// Pages of lists, counts, tasks.
pub async fn lists(seat: &Seat) -> Result<Asked> {
    let page = |which: &str| format!("/conversations?{which}&limit={LIMIT}");
    let mut asked: Asked = VIEWS.iter().map(|view| (format!("first page of {view}"), page(view))).collect();
    for name in LABELS {
        let id = named(seat, "/labels", name).await?;
        asked.push((format!("first page of the label {name}"), page(&format!("label={id}"))));
    }
    for name in TEAMS {
        let id = named(seat, "/teams", name).await?;
        asked.push((format!("first page of the team {name}"), page(&format!("view=all&team={id}"))));
    }
    for view in DEEP {
        if let Some(cursor) = cursor(seat, &page(view)).await? {
            asked.push((format!("200th page of {view}"), format!("{}&cursor={cursor}", page(view))));
        }
    }
    asked.push(("first page of my tasks".to_owned(), format!("/tasks?limit={LIMIT}")));
    asked.push(("all my counts, and who I am".to_owned(), "/me".to_owned()));
    Ok(asked)
}

/// Searches. A word of each must be in the inbox, else nothing is measured.
pub async fn searches(seat: &Seat) -> Result<Asked> {
    let path = |query: &str| format!("/search?q={}", query.replace(' ', "+"));
    let mut asked = Asked::new();
    for (what, query) in SEARCHES {
        let found = seat.get(&path(query)).await?;
        let hits = found["data"].as_array().map_or(0, Vec::len);
        let problems = found["problems"].as_array().map_or(0, Vec::len);
        anyhow::ensure!(problems == 0, "{query}: {found}");
        let people = found["people"].as_array().map_or(0, Vec::len);
        let more = if found["older_cursor"].is_string() { ", older ones left" } else { "" };
        let what = format!("{what} ({hits} hits, {people} people{more})");
        eprintln!("  {query}: {what}");
        asked.push((what.split(" (").next().unwrap_or_default().to_owned(), path(query)));
    }
    Ok(asked)
}

/// The id of what is called so.
async fn named(seat: &Seat, path: &str, name: &str) -> Result<String> {
    let all = seat.get(path).await?;
    let found = all["data"].as_array().and_then(|all| all.iter().find(|one| one["name"] == name));
    let id = found.and_then(|one| one["id"].as_str()).with_context(|| format!("{name} is not there"))?;
    Ok(id.to_owned())
}

/// Where a page far down begins; nowhere where the list is shorter.
async fn cursor(seat: &Seat, page: &str) -> Result<Option<String>> {
    let mut cursor = String::new();
    for _ in 1..PAGE {
        let path = if cursor.is_empty() { page.to_owned() } else { format!("{page}&cursor={cursor}") };
        match &seat.get(&path).await?["next_cursor"] {
            Value::String(next) => cursor.clone_from(next),
            _ => return Ok(None),
        }
    }
    Ok(Some(cursor))
}
