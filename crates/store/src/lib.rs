//! Where a team inbox rests: schema, queries, jobs, the event log, files. SQLite in a file beside the program, or PostgreSQL.
//!
//! Start at [`Db`]: [`Db::write`] runs a unit of work, [`Db::read`] looks at a snapshot. The nouns each have their file; the engines
//! are told apart in [`connection`] and nowhere else.

#![allow(
    clippy::missing_errors_doc,
    reason = "every query fails as StoreError says; what differs is written at the function"
)]

pub mod backup;
pub mod blobs;
pub mod breakers;
pub mod bulk;
pub mod bulk_actions;
pub mod canned;
pub mod channels;
pub mod connection;
pub mod consent;
pub mod contacts;
pub mod conversations;
mod counted;
mod db;
pub mod directory;
pub mod drafts;
pub mod entries;
mod error;
pub mod events;
pub mod examine;
pub mod files;
mod health;
pub mod held;
pub mod idempotency;
pub mod imports;
pub mod inbound;
mod inspect;
pub mod invitations;
pub mod jobs;
pub mod labels;
pub mod late;
pub mod levels;
pub mod lists;
pub mod mails;
pub mod migrate;
pub mod nodes;
pub mod notes;
pub mod notifications;
mod outbox;
pub mod people;
pub mod push;
pub mod saved;
pub mod scope;
pub mod search;
pub mod secrets;
pub mod senders;
pub mod sent;
pub mod sql;
pub mod tasks;
pub mod turns;
pub mod value;

pub use connection::Location;
pub use db::{Db, Hint, Moment, POST_MAX, Post, Turn};
pub use error::{Result, StoreError, Trouble};
pub use people::Viewer;
pub use scope::{NewEvent, Root, Scope, Tx, Workspace};

/// Every statement of the program: the tests prepare each of them on both engines.
#[must_use]
pub fn statements() -> Vec<sql::Sql> {
    [
        backup::DIFFERING,
        breakers::DIFFERING,
        breakers::QUERIES,
        bulk::QUERIES,
        bulk_actions::QUERIES,
        canned::QUERIES,
        channels::QUERIES,
        consent::QUERIES,
        contacts::QUERIES,
        conversations::QUERIES,
        counted::QUERIES,
        directory::QUERIES,
        drafts::QUERIES,
        entries::QUERIES,
        events::QUERIES,
        examine::QUERIES,
        files::QUERIES,
        held::QUERIES,
        health::QUERIES,
        idempotency::QUERIES,
        imports::DIFFERING,
        imports::QUERIES,
        inbound::QUERIES,
        invitations::QUERIES,
        jobs::DIFFERING,
        jobs::QUERIES,
        labels::QUERIES,
        late::QUERIES,
        levels::QUERIES,
        lists::QUERIES,
        mails::DIFFERING,
        mails::QUERIES,
        migrate::QUERIES,
        nodes::DIFFERING,
        nodes::QUERIES,
        notes::QUERIES,
        notifications::QUERIES,
        outbox::QUERIES,
        people::QUERIES,
        saved::QUERIES,
        push::DIFFERING,
        push::QUERIES,
        scope::LOCKS,
        scope::QUERIES,
        search::DIFFERING,
        search::QUERIES,
        senders::DIFFERING,
        senders::QUERIES,
        sent::QUERIES,
        tasks::QUERIES,
        turns::QUERIES,
    ]
    .concat()
}
