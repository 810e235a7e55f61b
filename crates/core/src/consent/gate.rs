//! The gate: every message passes here, by whatever path it came, when it is queued and again when it is sent.

use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZone;

use super::ledger::Ledger;
use super::quiet;
use super::{Automatic, Class, ConsentState};
use crate::delivery::UnknownWord;
use crate::phone::Party;
use crate::time::{DAY, MINUTE, Millis};

/// How long after their last message an answer is still a reply. Later, the composer asks.
pub const REPLY_WINDOW: i64 = DAY;
/// How long after a STOP its confirmation may go: one sent later needs a justification (47 CFR 64.1200(a)(12)).
pub const CONFIRMATION_WINDOW: i64 = 5 * MINUTE;

/// What the gate has to know about the way that a message takes.
#[derive(Debug, Clone, Copy)]
pub struct ChannelFacts<'a> {
    /// Who would get it.
    pub to: &'a Party,
    /// Every time zone in which the recipient may be. Empty means anywhere in the United States.
    pub zones: &'a [TimeZone],
}

/// What the gate answers.
#[derive(Debug)]
#[must_use = "a message that the gate did not let through may not be sent"]
pub enum Decision {
    /// Send it.
    Allow(Permit),
    /// A person has to confirm first; nothing automatic may.
    Warn(Warning),
    /// Not now: ask again at `until`.
    Defer {
        /// The first moment at which it would be let through.
        until: Millis,
        /// Why not now.
        reason: Reason,
    },
    /// Not at all.
    Block(Reason),
}

/// The right to send one message. A channel's `send` takes it by value, and only the gate makes one:
///
/// ```compile_fail
/// let forged = partyline_core::consent::Permit { class: partyline_core::consent::Class::Reply };
/// ```
///
/// One permit is one message:
///
/// ```compile_fail
/// fn twice(permit: partyline_core::consent::Permit) -> [partyline_core::consent::Permit; 2] {
///     [permit.clone(), permit]
/// }
/// ```
#[derive(Debug, PartialEq, Eq)]
#[must_use = "the message that it is for is not sent yet"]
pub struct Permit {
    class: Class,
}

impl Permit {
    /// The class that was let through.
    #[must_use]
    pub const fn class(&self) -> Class {
        self.class
    }
}

/// A send that needs a person's word.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "nothing is sent until a person has confirmed"]
pub struct Warning {
    class: Class,
    reasons: Vec<Reason>,
}

impl Warning {
    /// What has to be confirmed; never empty.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }

    /// The permit, when a person has confirmed every reason.
    ///
    /// Whoever sends what was let through when it was queued hands in the reasons confirmed then, and for a reply also
    /// [`Reason::LateReply`]: the time that it waited in our own queue does not make it late.
    ///
    /// # Errors
    /// The same warning, when a reason was not confirmed.
    pub fn confirmed(self, confirmed: &[Reason]) -> Result<Permit, Warning> {
        if self.reasons.iter().all(|r| confirmed.contains(r)) { Ok(Permit { class: self.class }) } else { Err(self) }
    }
}

/// Why a message is held, blocked or asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// They said stop.
    OptedOut,
    /// They said stop to the provider, which refuses to send. To the outside this is `opted_out` too.
    ProviderBlocked,
    /// They never wrote to this business, and no consent is on record.
    FirstContact,
    /// Their last message is older than [`REPLY_WINDOW`].
    LateReply,
    /// An update, and they never asked for updates.
    NoConsent,
    /// Marketing, without written consent.
    NoWrittenConsent,
    /// Marketing, at an hour at which nobody may be disturbed where they may be.
    QuietHours,
    /// A short code or a sender's name: nothing can be sent back.
    CannotReceive,
    /// A STOP confirmation when none is due: no STOP, already confirmed, or too late.
    NoConfirmationDue,
}

impl Reason {
    /// All of them. Where two share a code, the first is the one that the code stands for.
    pub const ALL: [Reason; 9] = [
        Reason::OptedOut,
        Reason::ProviderBlocked,
        Reason::FirstContact,
        Reason::LateReply,
        Reason::NoConsent,
        Reason::NoWrittenConsent,
        Reason::QuietHours,
        Reason::CannotReceive,
        Reason::NoConfirmationDue,
    ];

    /// The stable word in the API, also for `confirm`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Reason::OptedOut | Reason::ProviderBlocked => "opted_out",
            Reason::FirstContact => "first_contact",
            Reason::LateReply => "late_reply",
            Reason::NoConsent => "no_consent",
            Reason::NoWrittenConsent => "no_written_consent",
            Reason::QuietHours => "quiet_hours",
            Reason::CannotReceive => "cannot_receive",
            Reason::NoConfirmationDue => "no_confirmation_due",
        }
    }

    /// What it means and what can be done, for the person who wanted to send.
    #[must_use]
    pub const fn detail(self) -> &'static str {
        match self {
            Reason::OptedOut => {
                "They texted STOP, so nothing can be sent to them. Only they can undo this: they must text START."
            }
            Reason::ProviderBlocked => {
                "The provider refuses to text them because they said STOP. Only they can undo this: they must text START."
            }
            Reason::FirstContact => {
                "They have never texted this business. Confirm that they asked to be texted, and say how."
            }
            Reason::LateReply => {
                "Their last message is more than 24 hours old. Confirm that this still answers it, or record that they want updates."
            }
            Reason::NoConsent => {
                "They have not asked for updates. Record their consent first, with where it came from."
            }
            Reason::NoWrittenConsent => {
                "Marketing needs their written consent, and none is on record. Send nothing that sells."
            }
            Reason::QuietHours => "It is too early or too late where they are. It goes out when their quiet hours end.",
            Reason::CannotReceive => {
                "This sender cannot be answered: it is a short code or a name, not a phone number."
            }
            Reason::NoConfirmationDue => {
                "There is no STOP to confirm: they did not text it, it is confirmed, or it was more than five minutes ago."
            }
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Reason {
    type Err = UnknownWord;
    fn from_str(code: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|r| r.code() == code).ok_or(UnknownWord)
    }
}

/// May a message of this class go to this address now?
///
/// | class | needs |
/// |---|---|
/// | reply | their message within [`REPLY_WINDOW`], or express consent to updates; else a person's word |
/// | update | express consent; a person's word for a number that never wrote |
/// | marketing | written consent, outside quiet hours |
/// | STOP confirmation | a STOP within [`CONFIRMATION_WINDOW`] that neither we nor the provider has confirmed |
/// | HELP answer | that they wrote |
///
/// A revocation wins over everything but the one confirmation. Revoked updates also stop replies; revoked marketing
/// alone does not.
pub fn decide(class: Class, ledger: &Ledger, channel: &ChannelFacts<'_>, now: Millis) -> Decision {
    if !channel.to.can_be_answered() {
        return Decision::Block(Reason::CannotReceive);
    }
    if ledger.provider_blocked {
        return Decision::Block(Reason::ProviderBlocked);
    }
    if class == Class::Automatic(Automatic::StopConfirmation) {
        return if confirmation_is_due(ledger, now) {
            allow(class)
        } else {
            Decision::Block(Reason::NoConfirmationDue)
        };
    }
    let revoked = ledger.update == ConsentState::Revoked
        || (class == Class::Marketing && ledger.marketing == ConsentState::Revoked);
    if revoked {
        return Decision::Block(Reason::OptedOut);
    }
    match class {
        Class::Reply => reply(ledger, now),
        Class::Update if ledger.update.is_express() => allow(class),
        Class::Update if ledger.last_inbound_at.is_none() => warn(class, Reason::FirstContact),
        Class::Marketing if ledger.marketing == ConsentState::Written => outside_quiet_hours(channel, now),
        Class::Marketing => Decision::Block(Reason::NoWrittenConsent),
        Class::Automatic(_) if ledger.last_inbound_at.is_some() => allow(class),
        Class::Update | Class::Automatic(_) => Decision::Block(Reason::NoConsent),
    }
}

fn reply(ledger: &Ledger, now: Millis) -> Decision {
    match ledger.last_inbound_at {
        _ if ledger.update.is_express() => allow(Class::Reply),
        Some(at) if now.since(at) <= REPLY_WINDOW => allow(Class::Reply),
        Some(_) => warn(Class::Reply, Reason::LateReply),
        None => warn(Class::Reply, Reason::FirstContact),
    }
}

fn outside_quiet_hours(channel: &ChannelFacts<'_>, now: Millis) -> Decision {
    match quiet::next_open(channel.zones, now) {
        Some(open) if open <= now => allow(Class::Marketing),
        Some(until) => Decision::Defer { until, reason: Reason::QuietHours },
        None => Decision::Block(Reason::QuietHours),
    }
}

fn confirmation_is_due(ledger: &Ledger, now: Millis) -> bool {
    let revoked = ledger.update == ConsentState::Revoked || ledger.marketing == ConsentState::Revoked;
    let recent = ledger.stopped_at.is_some_and(|at| now.since(at) <= CONFIRMATION_WINDOW);
    revoked && recent && !ledger.stop_confirmed
}

fn allow(class: Class) -> Decision {
    Decision::Allow(Permit { class })
}

fn warn(class: Class, reason: Reason) -> Decision {
    Decision::Warn(Warning { class, reasons: vec![reason] })
}

#[cfg(test)]
mod tests;
