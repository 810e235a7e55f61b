//! Tasks: notes that somebody has to do something about.

use axum::Json as Answer;
use axum::extract::State;
use partyline_core::id::{NoteId, UserId};
use partyline_desk::task::TasksIn;

use crate::api::Api;
use crate::extract::{Id, Json, Query};
use crate::model::Page;
use crate::model::entry::{DoneIn, EntryOut, ListedTaskOut, TaskIn};
use crate::problem::{Problem, ProblemOut};
use crate::seq::At;
use crate::session::Signed;

/// Make a note a task
///
/// Or say anew whose it is and until when. Who gets it may see the conversation from then on.
#[utoipa::path(put, path = "/notes/{id}/task", tag = "notes", params(("id" = String, Path)), request_body = TaskIn, responses(
    (status = 200, body = EntryOut),
    (status = 422, body = ProblemOut, description = "`invalid`"),
))]
pub async fn put(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<NoteId>,
    Json(task): Json<TaskIn>,
) -> Result<Answer<EntryOut>, Problem> {
    Ok(Answer(api.desk.put_task(&who, id, task.into()).await?.into()))
}

/// Make a task a mere note again
#[utoipa::path(delete, path = "/notes/{id}/task", tag = "notes", params(("id" = String, Path)), responses(
    (status = 200, body = EntryOut),
))]
pub async fn remove(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<NoteId>,
) -> Result<Answer<EntryOut>, Problem> {
    Ok(Answer(api.desk.remove_task(&who, id).await?.into()))
}

/// Say that a task is done
///
/// Or that it is not after all. What is so already changes nothing.
#[utoipa::path(post, path = "/notes/{id}/task/done", tag = "notes", params(("id" = String, Path)), request_body = DoneIn, responses(
    (status = 200, body = EntryOut),
))]
pub async fn finish(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<NoteId>,
    Json(said): Json<DoneIn>,
) -> Result<Answer<EntryOut>, Problem> {
    Ok(Answer(api.desk.finish_task(&who, id, said.done).await?.into()))
}

/// One page of tasks
///
/// Those of conversations that I see. What is not done comes by when it is due, what is done the newest first.
#[utoipa::path(get, path = "/tasks", tag = "notes",
    params(
        ("assignee" = Option<String>, Query, description = "`me` (when left out), `user_…`, or `nobody`"),
        ("state" = Option<String>, Query, description = "`open` (when left out), or `done`"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("limit" = Option<u32>, Query, description = "Rows: 50 when left out, at most 200"),
    ),
    responses(
        (status = 200, body = Page<ListedTaskOut>),
        (status = 422, body = ProblemOut, description = "`invalid`"),
    )
)]
pub async fn list(
    State(api): State<Api>,
    Signed(who): Signed,
    query: Query,
) -> Result<At<Page<ListedTaskOut>>, Problem> {
    let assignee: Option<UserId> = match query.text("assignee") {
        None | Some("me") => Some(who.user),
        Some("nobody") => None,
        Some(_) => query.id("assignee", "The person")?,
    };
    let done = match query.text("state") {
        None | Some("open") => false,
        Some("done") => true,
        Some(_) => return Err(Problem::field("state", "unknown", "Use one of: open, done.")),
    };
    let cursor = query.text("cursor").map(str::to_owned);
    let asked = TasksIn { assignee, done, cursor, limit: query.limit()? };
    Ok(At::from_desk(api.desk.tasks(&who, asked).await?, |page| Page {
        data: page.rows.into_iter().map(ListedTaskOut::from).collect(),
        next_cursor: page.next,
    }))
}
