//! Where a number reports: set to us where the provider can reach us, looked after when the public address changes, and never taken
//! from another without a person's word.
//!
//! A switch between being called and asking loses nothing and doubles nothing: the address is set first, then the mode is written and
//! the messages are asked for soon after, with an overlap; what a webhook and a list both bring is one message.

use partyline_channels::Webhooks;
use partyline_core::event::{Actor, EventType};
use partyline_core::id::{ChannelId, ConnectionId};
use partyline_core::time::{MINUTE, Millis};
use partyline_store::channels::{ChannelRow, ConnectionRow};
use partyline_store::turns::MESSAGES;
use partyline_store::{NewEvent, Workspace};
use url::Url;

use super::{Asked, POLL_EVERY, number_of};
use crate::Desk;
use crate::error::{DeskError, Result};
use crate::settings::{self, ChannelSettings};

/// How often it is looked whether a number still reports to us.
const LOOK_EVERY: i64 = 15 * MINUTE;

/// The number does not report to us yet: it is being told, or could not be.
pub(crate) const NOT_SET: &str = "webhook_not_set";
/// The number reports to another, and nobody has said that it may be taken.
pub(crate) const ELSEWHERE: &str = "webhook_elsewhere";
/// All is well.
pub(crate) const CONNECTED: &str = "connected";

/// What to do about a number.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Pointing {
    /// It reports to us.
    Here,
    /// Set it.
    Set,
    /// Set it to where it was before us.
    PutBack,
    /// Leave it, as a person wants.
    Leave,
    /// It reports to another: leave it, and say so.
    Elsewhere(String),
}

/// Is this an address of this connection's, at whatever public address this server had?
fn is_ours(address: &str, connection: ConnectionId) -> bool {
    Url::parse(address)
        .is_ok_and(|url| url.path().ends_with(&format!("/{connection}/message")) && url.path().contains("/hooks/"))
}

fn decide(current: Option<&str>, wanted: &Url, connection: ConnectionId, settings: &ChannelSettings) -> Pointing {
    let is_here = current == Some(wanted.as_str());
    let ours = current.is_some_and(|c| is_here || settings.pointed_to.as_deref() == Some(c) || is_ours(c, connection));
    match (current, settings.report_here) {
        _ if settings.put_back && ours => Pointing::PutBack,
        _ if is_here => Pointing::Here,
        (_, Some(false)) => Pointing::Leave,
        (None, _) => Pointing::Set,
        (Some(_), _) if ours || settings.take_over => Pointing::Set,
        (Some(other), _) => Pointing::Elsewhere(other.to_owned()),
    }
}

/// What is known of a number's address after a look.
struct Pointed {
    mode: &'static str,
    status: &'static str,
    /// Writes what was learnt.
    learn: Box<dyn FnOnce(&mut ChannelSettings) + Send>,
}

impl Desk {
    /// Sees to it that a number reports where it should, and that its mode says how its texts come in.
    pub(crate) async fn see_to_webhook(
        &self,
        workspace: Workspace,
        channel: &ChannelRow,
        connection: &ConnectionRow,
    ) -> Result<Asked> {
        let asked = Asked { read_to: None, deep_at: Millis::default(), skew: None, again_in: LOOK_EVERY };
        let Some(hooks) = self.hooks(connection).filter(|_| connection.credentials.is_some()) else {
            // nothing at the provider is changed; the texts are fetched from now on
            let pointed = Pointed { mode: "polling", status: CONNECTED, learn: Box::new(|s| s.elsewhere = None) };
            self.pointed(workspace, channel.id, pointed).await?;
            return Ok(asked);
        };
        let opened = self.open_connection(connection)?;
        let number = number_of(channel)?;
        let before: ChannelSettings = settings::parse(&channel.settings);
        let (http, provider) = (&self.inner.http, opened.provider);
        let done = async {
            let current = provider.webhook_of(http, &opened.connection, &number).await?;
            let pointing = decide(current.as_deref(), &hooks.message, connection.id, &before);
            let wanted = hooks.message.to_string();
            match pointing {
                Pointing::Set => {
                    let webhooks =
                        Webhooks { message: hooks.message.clone(), status: Some(hooks.status.clone()), voice: None };
                    provider.set_webhooks(http, &opened.connection, &number, &webhooks).await?;
                }
                Pointing::PutBack => {
                    let previous = before.previous_webhook.as_deref();
                    provider.put_webhook_back(http, &opened.connection, &number, previous).await?;
                }
                Pointing::Here | Pointing::Leave | Pointing::Elsewhere(_) => {}
            }
            let ours = current.as_deref().is_some_and(|c| is_ours(c, connection.id));
            let previous = current.filter(|_| !ours);
            Ok::<_, DeskError>(match pointing {
                Pointing::Here | Pointing::Set => Pointed {
                    mode: "webhooks",
                    status: CONNECTED,
                    learn: Box::new(move |s| {
                        if let Some(previous) = previous {
                            s.previous_webhook = Some(previous);
                        }
                        s.pointed_to = Some(wanted);
                        s.take_over = false;
                        s.elsewhere = None;
                    }),
                },
                Pointing::PutBack => Pointed {
                    mode: "polling",
                    status: CONNECTED,
                    learn: Box::new(|s| {
                        s.put_back = false;
                        s.pointed_to = None;
                        s.elsewhere = None;
                    }),
                },
                Pointing::Leave => Pointed {
                    mode: "polling",
                    status: CONNECTED,
                    learn: Box::new(|s| {
                        s.put_back = false;
                        s.elsewhere = None;
                    }),
                },
                Pointing::Elsewhere(other) => {
                    Pointed { mode: "polling", status: ELSEWHERE, learn: Box::new(move |s| s.elsewhere = Some(other)) }
                }
            })
        };
        match done.await {
            Ok(pointed) => self.pointed(workspace, channel.id, pointed).await?,
            Err(error) => {
                let is_pointed = before.pointed_to.as_deref() == Some(hooks.message.as_str());
                if !is_pointed && before.report_here != Some(false) {
                    // until it is told, it is asked
                    let pointed = Pointed { mode: "polling", status: NOT_SET, learn: Box::new(|_| {}) };
                    self.pointed(workspace, channel.id, pointed).await?;
                }
                return Err(error);
            }
        }
        Ok(asked)
    }

    /// Writes what was learnt, when it is new, and has the messages asked for soon when the mode is another.
    async fn pointed(&self, workspace: Workspace, id: ChannelId, pointed: Pointed) -> Result<()> {
        self.inner
            .db
            .write(workspace, self.now(), move |tx| {
                let Some(mut row) = tx.channel(id)?.filter(|c| c.removed_at.is_none()) else { return Ok(()) };
                let before: ChannelSettings = settings::parse(&row.settings);
                let mut after = before.clone();
                (pointed.learn)(&mut after);
                let mut changed = Vec::new();
                if row.mode != pointed.mode {
                    changed.push(format!("mode={}", pointed.mode));
                    // webhooks that are under way have come by then
                    let soon = tx.now() + POLL_EVERY;
                    tx.make_turn_due(id, MESSAGES, soon)?;
                }
                if row.status != pointed.status {
                    changed.push(format!("status={}", pointed.status));
                }
                if changed.is_empty() && after == before {
                    return Ok(());
                }
                row.mode = pointed.mode.to_owned();
                row.status = pointed.status.to_owned();
                row.settings = settings::write(&after);
                tx.set_channel(&row)?;
                if before.elsewhere != after.elsewhere {
                    changed.push("webhook_elsewhere".to_owned());
                }
                if !changed.is_empty() {
                    let event = NewEvent::new(Actor::System, EventType::ChannelUpdated).subject(id.uuid());
                    tx.append(event.changed(changed))?;
                }
                Ok::<_, DeskError>(())
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: &str = "https://inbox.example.com/hooks/provider/conn_00000000000000000000000000/message";

    fn decided(current: Option<&str>, settings: &ChannelSettings) -> Pointing {
        let connection = "conn_00000000000000000000000000".parse().expect("an id");
        decide(current, &WANTED.parse().expect("a URL"), connection, settings)
    }

    #[test]
    fn another_s_address_is_only_taken_with_a_person_s_word() {
        let other = Some("https://crm.example.com/sms");
        let elsewhere = Pointing::Elsewhere("https://crm.example.com/sms".to_owned());
        for report_here in [None, Some(true)] {
            let settings = ChannelSettings { report_here, ..Default::default() };
            assert_eq!(decided(other, &settings), elsewhere);
            assert_eq!(decided(other, &ChannelSettings { take_over: true, ..settings }), Pointing::Set);
        }
        assert_eq!(
            decided(other, &ChannelSettings { report_here: Some(false), ..Default::default() }),
            Pointing::Leave
        );
        // an app's id stands where an address would
        assert!(matches!(decided(Some("AP1"), &ChannelSettings::default()), Pointing::Elsewhere(_)));
    }

    #[test]
    fn our_own_old_address_and_none_are_set_anew() {
        let moved = WANTED.replace("inbox", "old-inbox");
        assert_eq!(decided(None, &ChannelSettings::default()), Pointing::Set);
        assert_eq!(decided(Some(WANTED), &ChannelSettings::default()), Pointing::Here);
        assert_eq!(decided(Some(&moved), &ChannelSettings::default()), Pointing::Set);
        let pointed_to = Some("https://elsewhere.example.com/in".to_owned());
        let settings = ChannelSettings { pointed_to: pointed_to.clone(), ..Default::default() };
        assert_eq!(decided(pointed_to.as_deref(), &settings), Pointing::Set);
        // another connection's, on the same server
        let other = WANTED.replace("conn_0", "conn_1");
        assert!(matches!(decided(Some(&other), &ChannelSettings::default()), Pointing::Elsewhere(_)));
    }

    #[test]
    fn what_a_person_wants_to_be_left_is_left_or_put_back() {
        let no = ChannelSettings { report_here: Some(false), ..Default::default() };
        assert_eq!(decided(None, &no), Pointing::Leave);
        // somebody set it by hand: then it is so
        assert_eq!(decided(Some(WANTED), &no), Pointing::Here);
        let back = ChannelSettings { put_back: true, ..no };
        assert_eq!(decided(Some(WANTED), &back), Pointing::PutBack);
        assert_eq!(decided(Some("https://crm.example.com/sms"), &back), Pointing::Leave);
    }
}
