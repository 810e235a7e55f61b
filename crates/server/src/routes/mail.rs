//! How mail is, for who runs the workspace.

use std::net::{IpAddr, Ipv4Addr};

use axum::Json as Answer;
use axum::extract::State;

use super::session::too_many;
use crate::api::Api;
use crate::attempts::Try;
use crate::model::mail::{MailOut, TestOut};
use crate::problem::{Problem, ProblemOut};
use crate::seq::At;
use crate::session::Signed;

/// How mail is
///
/// Which server letters are handed to, and whether some wait or were given up.
#[utoipa::path(get, path = "/mail", tag = "people", responses((status = 200, body = MailOut)))]
pub async fn state(State(api): State<Api>, Signed(who): Signed) -> Result<At<MailOut>, Problem> {
    Ok(At::from_desk(api.desk.mail(&who).await?, MailOut::from))
}

/// Send me a test letter
///
/// It goes to my own address, at once: the answer says whether the mail server took it. Ten within a quarter of an hour, and it waits.
#[utoipa::path(post, path = "/mail/test", tag = "people", responses(
    (status = 200, body = TestOut, description = "The mail server took it."),
    (status = 422, body = ProblemOut, description = "`mail_not_set_up`, `mail_failed`: `detail` says what the mail server said."),
    (status = 429, body = ProblemOut, description = "`too_many_attempts`; `Retry-After` says how long to wait."),
))]
pub async fn test(State(api): State<Api>, Signed(who): Signed) -> Result<Answer<TestOut>, Problem> {
    // no guess at a password: it must not hold up those who sign in from the same address
    let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let _counted = api.attempts.begin(Try::TestMail(who.user), here, api.desk.now()).map_err(too_many)?;
    Ok(Answer(TestOut { to: api.desk.test_mail(&who).await? }))
}
