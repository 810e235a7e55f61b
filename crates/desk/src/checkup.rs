//! A check-up of everything that a working inbox stands on, each fault with how to mend it: what `partyline doctor` says.

use partyline_channels::Account;
use partyline_core::event::{Actor, EventType};
use partyline_core::time::{MINUTE, SECOND};
use partyline_store::channels::ConnectionRow;
use partyline_store::events::Audit;
use partyline_store::{NewEvent, StoreError, Workspace};

use crate::Desk;
use crate::channel::Hooks;
use crate::connection::Opened;
use crate::error::{DeskError, Result};
use crate::levels::late;
use crate::settings::{self, ChannelSettings};

/// A job that nothing has held back for longer than this is not waiting but stuck.
const STUCK: i64 = 10 * MINUTE;
/// Clocks that differ by more than this put texts into the wrong order and refuse signatures.
const SKEW_MAX: i64 = 30 * SECOND;
/// The index of words is filled behind the commit; this much of the log it may be behind.
const INDEX_LAG: i64 = 1_000;
/// What is put into the storage, read, and found the same.
const PROBE: &[u8] = b"partyline doctor: this file may be deleted";
/// The storage's folder that no workspace has.
const NO_WORKSPACE: Workspace = Workspace(0);

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// As it should be.
    Good,
    /// Worth knowing; nothing has to be done now.
    Notice,
    /// Something has to be mended.
    Fault,
}

impl State {
    /// The word for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            State::Good => "ok",
            State::Notice => "notice",
            State::Fault => "fault",
        }
    }
}

/// What a check found.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What was looked at: a stable word.
    pub check: &'static str,
    /// How it is.
    pub state: State,
    /// What was found, for people.
    pub detail: String,
    /// What to do about it.
    pub mend: Option<String>,
}

impl Finding {
    /// As it should be.
    pub fn good(check: &'static str, detail: impl Into<String>) -> Finding {
        Finding { check, state: State::Good, detail: detail.into(), mend: None }
    }

    /// Worth knowing.
    pub fn notice(check: &'static str, detail: impl Into<String>, mend: impl Into<String>) -> Finding {
        Finding { check, state: State::Notice, detail: detail.into(), mend: Some(mend.into()) }
    }

    /// To be mended.
    pub fn fault(check: &'static str, detail: impl Into<String>, mend: impl Into<String>) -> Finding {
        Finding { check, state: State::Fault, detail: detail.into(), mend: Some(mend.into()) }
    }
}

/// Are two clocks close enough? `ahead`: how far ours is ahead of theirs, in milliseconds.
#[must_use]
pub fn clock(whose: &str, ahead: i64) -> Finding {
    let seconds = ahead.abs().div_euclid(SECOND);
    if ahead.abs() <= SKEW_MAX {
        return Finding::good("clock", format!("within {SKEW_SECONDS} s of {whose}", SKEW_SECONDS = SKEW_MAX / SECOND));
    }
    let way = if ahead > 0 { "ahead of" } else { "behind" };
    Finding::fault(
        "clock",
        format!("this machine's clock is {seconds} s {way} {whose}"),
        "Let the machine keep its time by NTP (timedatectl set-ntp true, or chrony), then restart the server.",
    )
}

/// What could not be looked at is a fault: nobody knows how it is.
fn not_checked(check: &'static str, what: &str, error: &DeskError) -> Finding {
    let mend = "Mend what it says, or look again at a quieter time where it took too long. The rest was looked at.";
    Finding::fault(check, format!("{what} can't be checked: {error}"), mend)
}

impl Desk {
    /// Looks at everything that can be seen from the inside: the record, the counts, the jobs, what is held, the storage, the providers.
    /// With `repair`, counts that are wrong are mended, and the record says so. What can't be looked at is a fault that says so, and
    /// everything else is looked at all the same.
    pub async fn checkup(&self, repair: bool) -> Vec<Finding> {
        let mut found = Vec::new();
        let workspaces = self.workspaces().await.unwrap_or_else(|error| {
            found.extend(
                ["record", "counts", "search", "provider"].map(|check| not_checked(check, "every workspace", &error)),
            );
            Vec::new()
        });
        for (workspace, _, name) in &workspaces {
            let record = self.check_record(*workspace, name).await;
            found.push(record.unwrap_or_else(|e| not_checked("record", name, &e)));
            let counts = self.check_counts(*workspace, name, repair).await;
            found.push(counts.unwrap_or_else(|e| not_checked("counts", name, &e)));
            let search = self.check_search(*workspace, name).await;
            found.push(search.unwrap_or_else(|e| not_checked("search", name, &e)));
        }
        found.extend(self.check_jobs().await.unwrap_or_else(|e| vec![not_checked("jobs", "what is to be done", &e)]));
        found.push(self.check_held().await.unwrap_or_else(|e| not_checked("held", "what is held", &e)));
        found.push(self.check_storage().await);
        found.extend(self.check_mail().await);
        for (workspace, _, name) in &workspaces {
            let providers = self.check_providers(*workspace, name).await;
            found.extend(providers.unwrap_or_else(|e| vec![not_checked("provider", name, &e)]));
        }
        if let Some(ahead) = self.inner.http.clock_ahead() {
            found.push(clock("the provider", ahead));
        }
        found
    }

    /// Is there a mail server that takes letters from us, and has it taken them?
    async fn check_mail(&self) -> Vec<Finding> {
        let Some(mailer) = self.mailer() else {
            return vec![Finding::notice(
                "mail",
                "there is no mail server, so invitations and new passwords are links to hand over",
                "Set --smtp-url and --mail-from (docs/run.md), if people shall get them by mail.",
            )];
        };
        let mut found = vec![match mailer.check().await {
            Ok(()) => {
                Finding::good("mail", format!("{} lets us in; letters come from {}", mailer.server(), mailer.from()))
            }
            Err(trouble) => Finding::fault(
                "mail",
                trouble.reason(),
                "Check host, port, user and password in --smtp-url with whoever runs the mail server, then `partyline mail test ADDRESS`.",
            ),
        }];
        let after = self.now() - crate::mail::FAILED_FOR;
        let counts =
            self.inner.db.read_root(move |root| Ok::<_, DeskError>((root.mails_waiting()?, root.mails_failed(after)?)));
        match counts.await {
            Ok(((waiting, Some(why)), _)) => found.push(Finding::notice(
                "mail",
                format!("{waiting} letter(s) wait: {why}"),
                "They leave by themselves once the mail server takes them.",
            )),
            Ok((_, failed)) if failed > 0 => found.push(Finding::notice(
                "mail",
                format!("{failed} letter(s) were given up within a week"),
                "The list of invitations says why; who asked for a new password asks again.",
            )),
            Ok(_) => {}
            Err(error) => found.push(not_checked("mail", "what waits to be sent", &error)),
        }
        if self.inner.addresses.public.is_none() {
            found.push(Finding::notice(
                "mail",
                format!("links in letters lead to {}, which only this machine reaches", self.link("")),
                "Set --public-url to the address at which people open the inbox.",
            ));
        }
        found
    }

    async fn workspaces(&self) -> Result<Vec<(Workspace, partyline_core::id::WorkspaceId, String)>> {
        self.inner.db.read_root(|root| Ok(root.workspaces()?)).await
    }

    async fn check_record(&self, workspace: Workspace, name: &str) -> Result<Finding> {
        let mend = "Keep this database as it is, restore a backup beside it, and compare (docs/backup.md).";
        Ok(match self.audit(workspace).await? {
            Audit::Whole { sealed, head, .. } => {
                Finding::good("record", format!("{name}: whole, sealed up to {sealed} of {head}"))
            }
            Audit::Gap(seq) => Finding::fault("record", format!("{name}: event {seq} is missing"), mend),
            Audit::Broken { first, last } => Finding::fault(
                "record",
                format!("{name}: events {first} to {last} are not those that were sealed"),
                mend,
            ),
        })
    }

    async fn check_counts(&self, workspace: Workspace, name: &str, repair: bool) -> Result<Finding> {
        let wrong = self.inner.db.read(workspace, |scope| Ok::<_, DeskError>(scope.wrong_tallies()?)).await?;
        if wrong.is_empty() {
            return Ok(Finding::good("counts", format!("{name}: every count is what counting gives")));
        }
        if !repair {
            return Ok(Finding::fault(
                "counts",
                format!("{name}: {} counts are not what counting gives", wrong.len()),
                "Run `partyline doctor --repair`, and report it: this is a defect of the program.",
            ));
        }
        let mended = self
            .inner
            .db
            .write(workspace, self.now(), |tx| {
                let mended = tx.repair_tallies()?;
                let event = NewEvent::new(Actor::System, EventType::WorkspaceUpdated);
                tx.append(event.changed([format!("counters_mended={mended}")]))?;
                Ok::<_, DeskError>(mended)
            })
            .await?;
        Ok(Finding::notice(
            "counts",
            format!("{name}: {mended} counts were wrong and are mended; the record says so"),
            "Report it: this is a defect of the program.",
        ))
    }

    async fn check_search(&self, workspace: Workspace, name: &str) -> Result<Finding> {
        let behind = self.inner.db.read(workspace, |scope| Ok::<_, DeskError>(scope.index_behind()?)).await?;
        Ok(if behind <= INDEX_LAG {
            Finding::good("search", format!("{name}: what was written can be found"))
        } else {
            Finding::notice(
                "search",
                format!("{name}: the index is {behind} events behind, so the newest can't be found yet"),
                "A running server fills it by itself, after an upgrade or a restore from the beginning. If it does not get less, see the server's log.",
            )
        })
    }

    async fn check_jobs(&self) -> Result<Vec<Finding>> {
        let now = self.now();
        let (dead, parked, late) = self
            .inner
            .db
            .read_root(move |root| {
                Ok::<_, DeskError>((root.dead_jobs()?, root.parked_connections(now)?, late(root, now)?))
            })
            .await?;
        let mut found = Vec::new();
        for (kind, count) in &dead {
            found.push(Finding::notice(
                "jobs",
                format!("{count} jobs of kind {kind} were given up"),
                "`partyline jobs` says which and why; mend the cause, then `partyline jobs retry all`, or `partyline jobs forget all`.",
            ));
        }
        for row in &parked {
            let since = row.since.map_or(0, |at| now.since(at).max(0));
            let reason = row.reason.as_deref().unwrap_or("unknown");
            found.push(Finding::notice(
                "jobs",
                format!(
                    "texts wait for {}: its provider has not been reached for {} minutes ({reason})",
                    row.name,
                    since / MINUTE
                ),
                "They leave by themselves once it is back; the connection's page says when it is tried next.",
            ));
        }
        for (kind, since) in late.iter().filter(|(_, since)| now.since(*since) > STUCK) {
            found.push(Finding::fault(
                "jobs",
                format!(
                    "a job of kind {kind} that nothing holds back has waited for {} minutes",
                    now.since(*since) / MINUTE
                ),
                "Is the server running? If it is, its log says why it can't do it.",
            ));
        }
        if found.is_empty() {
            found.push(Finding::good("jobs", "nothing is given up, nothing is stuck"));
        }
        Ok(found)
    }

    async fn check_held(&self) -> Result<Finding> {
        let held = self.inner.db.read_root(|root| Ok::<_, DeskError>(root.held_inbound()?)).await?;
        Ok(if held == 0 {
            Finding::good("held", "everything that came in was understood")
        } else {
            Finding::notice(
                "held",
                format!("{held} messages that came in are held, because nothing could be made of them"),
                "An admin sees them in the settings, with the reason, and can have them replayed.",
            )
        })
    }

    async fn check_storage(&self) -> Finding {
        let tried = async {
            let blob = self.inner.files.put(NO_WORKSPACE, PROBE.to_vec()).await?;
            let bytes = self.inner.files.get(NO_WORKSPACE, &blob.sha256).await?;
            self.inner.files.remove(NO_WORKSPACE, &blob.sha256).await?;
            Ok::<_, StoreError>(bytes)
        };
        match tried.await {
            Ok(bytes) if bytes == PROBE => Finding::good("storage", "a file was written, read and taken away"),
            Ok(_) => {
                Finding::fault("storage", "a file was read that is not the one that was written", "Check the disk.")
            }
            Err(error) => Finding::fault(
                "storage",
                format!("a file can't be kept: {error}"),
                "Check that --storage-url is right, that this user may write there, and that there is room.",
            ),
        }
    }

    async fn check_providers(&self, workspace: Workspace, name: &str) -> Result<Vec<Finding>> {
        let (connections, channels) = self
            .inner
            .db
            .read(workspace, |scope| Ok::<_, DeskError>((scope.connections()?, scope.channels()?)))
            .await?;
        let mut found = Vec::new();
        for row in connections {
            let what = format!("{name}: {}", row.name);
            let account = match self.ask_account(&row).await {
                Ok(account) => account,
                Err(error) => {
                    let mend = "Open the connection in the settings and enter its credentials again, or wait if the provider is down.";
                    found.push(Finding::fault("provider", format!("{what}: {error}"), mend));
                    continue;
                }
            };
            found.push(Finding::good("provider", format!("{what}: the credentials are accepted")));
            let hooks = self.hooks(&row);
            for channel in channels.iter().filter(|c| c.connection == row.id && c.removed_at.is_none()) {
                let wish = settings::parse::<ChannelSettings>(&channel.settings).report_here;
                let what = format!("{name}: {}", channel.name);
                found.push(check_number(&what, &channel.address, wish, &account, hooks.as_ref()));
            }
        }
        Ok(found)
    }

    async fn ask_account(&self, row: &ConnectionRow) -> Result<Account> {
        let Opened { provider, connection } = self.open_connection(row)?;
        Ok(provider.verify(&self.inner.http, &connection).await?)
    }
}

/// Is a channel's number there, and does it report where it should? `wish`: what a person said of that; `ours`: where it would report to
/// us, if it can.
fn check_number(what: &str, address: &str, wish: Option<bool>, account: &Account, ours: Option<&Hooks>) -> Finding {
    let Some(number) = account.numbers.iter().find(|n| n.address.value() == address) else {
        if account.more_numbers {
            return Finding::notice(
                "number",
                format!("{what}: not checked, since the account has more numbers than are listed at once"),
                "Nothing has to be done; the channel's page in the settings says whether texts come in.",
            );
        }
        return Finding::fault(
            "number",
            format!("{what}: the account does not have this number any more"),
            "Take the channel away in the settings, or get the number back at the provider.",
        );
    };
    let webhook = number.webhook.as_deref();
    let Some(ours) = ours else {
        return Finding::notice(
            "webhook",
            format!("{what}: texts are fetched every few seconds, since the provider can't call this server"),
            "Give the server a public https address (--public-url) when that is too slow.",
        );
    };
    if webhook == Some(ours.message.as_str()) {
        return Finding::good("webhook", format!("{what}: the number reports here"));
    }
    let where_to = host_of(webhook);
    if wish == Some(false) {
        return Finding::good(
            "webhook",
            format!("{what}: texts are fetched every few seconds, as an admin chose; the number reports to {where_to}"),
        );
    }
    Finding::fault(
        "webhook",
        format!("{what}: the number reports to {where_to} and not here"),
        format!(
            "At the provider, let arriving texts be sent to {} (POST), or let the channel's page in the settings set it. Until then they are fetched.",
            ours.message
        ),
    )
}

/// Where a webhook points, without its path, which may hold a secret of somebody else's program.
fn host_of(webhook: Option<&str>) -> String {
    let url = webhook.and_then(|text| url::Url::parse(text).ok());
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| "nowhere".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_compared_both_ways() {
        assert_eq!(clock("x", 29_000).state, State::Good);
        assert!(clock("x", 95_000).detail.contains("95 s ahead of x"));
        assert!(clock("x", -95_000).detail.contains("95 s behind x"));
    }

    const WEST: &str = "+14155550100";

    fn account(webhook: Option<&str>, more_numbers: bool) -> Account {
        let number = partyline_channels::Number {
            address: partyline_core::phone::Party::parse(WEST).expect("a number"),
            name: String::new(),
            provider_id: String::new(),
            can: Vec::new(),
            webhook: webhook.map(str::to_owned),
            caution: None,
        };
        Account {
            id: String::new(),
            name: String::new(),
            status: "active".to_owned(),
            detail: None,
            provider_now: None,
            numbers: vec![number],
            more_numbers,
        }
    }

    fn ours() -> Hooks {
        let url = |hook: &str| format!("https://inbox.example.com/hooks/{hook}").parse().expect("a URL");
        Hooks { message: url("message"), status: url("status") }
    }

    #[test]
    fn a_number_that_was_left_elsewhere_on_purpose_is_well_and_one_that_should_report_here_is_not() {
        let ours = ours();
        let state = |wish, at| check_number("West line", WEST, wish, &account(at, false), Some(&ours)).state;
        let other = Some("https://crm.example.com/sms");
        for wish in [None, Some(true)] {
            assert_eq!([other, None].map(|at| state(wish, at)), [State::Fault; 2]);
        }
        assert_eq!([other, None].map(|at| state(Some(false), at)), [State::Good; 2]);
        assert_eq!(state(Some(true), Some(ours.message.as_str())), State::Good);
        assert_eq!(check_number("West line", WEST, Some(true), &account(other, false), None).state, State::Notice);
    }

    #[test]
    fn a_number_that_is_not_listed_is_gone_or_was_not_checked() {
        let found = |more| check_number("Leasing", "+14155550188", None, &account(None, more), Some(&ours()));
        assert_eq!(found(false).state, State::Fault);
        let beyond = found(true);
        assert_eq!(beyond.state, State::Notice);
        assert!(beyond.detail.contains("not checked"), "{}", beyond.detail);
    }

    #[test]
    fn another_webhook_is_named_by_its_host_alone() {
        assert_eq!(host_of(Some("https://old.example.com/hook/s3cret")), "old.example.com");
        assert_eq!(host_of(None), "nowhere");
    }
}
