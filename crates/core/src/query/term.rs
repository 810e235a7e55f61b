//! The parts of a query.

use serde::{Serialize, Serializer, ser::SerializeStruct};

use super::{Day, LONGEST_VALUE, Span, lex, number};

/// An enum of words: the first of each is the one that is printed, the others are read as well, all in any case.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$meaning:meta])* $variant:ident = $word:literal $(| $other:literal)*,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$meaning])* $variant,)* }

        impl $name {
            /// All of them.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The word that is printed.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }

            /// The one that is written so, in any case.
            #[must_use]
            pub fn read(text: &str) -> Option<$name> {
                $(if [$word $(, $other)*].iter().any(|word| text.eq_ignore_ascii_case(word)) {
                    return Some($name::$variant);
                })*
                None
            }
        }
    };
}

words! {
    /// What stands before a colon.
    Operator {
        /// Who wrote it.
        From = "from",
        /// To whom it was written.
        To = "to",
        /// The team or place that the conversation is in.
        In = "in" | "team",
        /// A label of the conversation, or one below it.
        Label = "label",
        /// Whose the conversation is.
        Assignee = "assignee",
        /// What it came or went through.
        Channel = "channel",
        /// What the conversation is.
        Is = "is",
        /// What belongs to what was found.
        Has = "has",
        /// The day before which it was.
        Before = "before",
        /// The day since which it was.
        After = "after",
    }
}

impl Operator {
    /// Does it hold when any one of several with this operator does, as nothing could be all of them? Those with a minus
    /// are never alternatives: none of them may hold.
    #[must_use]
    pub const fn alternates(self) -> bool {
        match self {
            Operator::From | Operator::To | Operator::In | Operator::Assignee | Operator::Channel => true,
            Operator::Label | Operator::Is | Operator::Has | Operator::Before | Operator::After => false,
        }
    }
}

words! {
    /// The places of the side bar that are no team (product.md, "Views").
    Place {
        /// What is mine.
        Mine = "mine",
        /// What is nobody's.
        Unassigned = "unassigned",
        /// Everything that is shared.
        All = "all",
        /// What is finished.
        Closed = "closed",
        /// What mentions me.
        Mentions = "mentions",
        /// What I follow.
        Following = "following",
        /// What has a draft that I hold.
        Drafts = "drafts",
        /// What I sent.
        Sent = "sent",
        /// What is set aside.
        Snoozed = "snoozed",
        /// What leaves later.
        Scheduled = "scheduled",
        /// What is unwanted.
        Spam = "spam",
        /// What is to be forgotten.
        Trash = "trash",
    }
}

words! {
    /// What a conversation can be. Its opposite is `-is:`.
    State {
        /// To be worked on.
        Open = "open",
        /// Set aside.
        Snoozed = "snoozed",
        /// Finished for now.
        Closed = "closed" | "done",
        /// Unwanted.
        Spam = "spam",
        /// To be forgotten.
        Trash = "trash",
        /// With something that I have not seen.
        Unread = "unread",
        /// The customer has no answer yet.
        Waiting = "waiting",
        /// Nobody's.
        Unassigned = "unassigned",
        /// Mine.
        Mine = "mine",
        /// Followed by me.
        Following = "following" | "followed",
        /// Somebody mentions me there.
        Mentioned = "mentioned",
        /// Must not wait.
        Urgent = "urgent",
        /// Should not wait.
        High = "high",
        /// Can wait.
        Low = "low",
        /// A message of ours did not arrive.
        Failed = "failed",
    }
}

words! {
    /// What can belong to an entry that is found; a draft belongs to its conversation.
    Thing {
        /// A file of any kind.
        Attachment = "attachment" | "attachments" | "file" | "files",
        /// A file that is a picture.
        Picture = "picture" | "pictures" | "image" | "images" | "photo" | "photos",
        /// It is a note.
        Note = "note" | "notes",
        /// It is a note that is a task.
        Task = "task" | "tasks",
        /// Its conversation has a draft.
        Draft = "draft" | "drafts",
    }
}

words! {
    /// Kinds of channels, and what only the team sees, which stands among them on the screen.
    Kind {
        /// Texts, with pictures or without.
        Sms = "sms" | "mms" | "text" | "texts",
        /// Mail.
        Email = "email" | "mail",
        /// WhatsApp.
        Whatsapp = "whatsapp",
        /// The chat on a site.
        Chat = "chat",
        /// Calls, with their voicemail.
        Voice = "voice" | "call" | "calls" | "voicemail",
        /// Notes, which came through none.
        Notes = "notes" | "note",
    }
}

/// Text that somebody wrote, tidy: not empty, at most [`LONGEST_VALUE`] characters, no control characters, one space where
/// there was space, and none at its ends. Its case is kept; what compares it folds it first ([`super::plain`]).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Value(Box<str>);

impl Value {
    /// Tidies a text and cuts it where it is too long; `None` when nothing is left.
    #[must_use]
    pub fn new(text: &str) -> Option<Value> {
        Value::cut(text).0
    }

    /// The same, and whether it had to be cut.
    pub(super) fn cut(text: &str) -> (Option<Value>, bool) {
        let (tidy, is_cut) = tidied(text);
        ((!tidy.is_empty()).then(|| Value(tidy.into())), is_cut)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Tidy, and whether something was cut off.
fn tidied(text: &str) -> (String, bool) {
    let mut tidy = String::new();
    let mut room = LONGEST_VALUE;
    for word in text.split(lex::is_gap).filter(|word| !word.is_empty()) {
        if !tidy.is_empty() {
            if room < 2 {
                return (tidy, true);
            }
            tidy.push(' ');
            room -= 1;
        }
        for c in word.chars() {
            if room == 0 {
                return (tidy, true);
            }
            tidy.push(c);
            room -= 1;
        }
    }
    (tidy, false)
}

/// Somebody: inside or outside.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Person {
    /// Whoever searches.
    Me,
    /// Whoever is meant by this; see [`Person::reach`].
    Other(Value),
}

/// By what a [`Person`] is to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach<'a> {
    /// They are whoever searches.
    Me,
    /// Digits that their number contains, as [`digits`](super::digits) gives them.
    Number(String),
    /// A mail address, or a part of one around its `@`, in lower case.
    Email(String),
    /// A name, as it was written.
    Name(&'a str),
}

impl Person {
    /// By what they are to be found.
    #[must_use]
    pub fn reach(&self) -> Reach<'_> {
        let Person::Other(value) = self else { return Reach::Me };
        let text = value.as_str();
        if let Some(digits) = number::digits(text) {
            Reach::Number(digits)
        } else if text.len() > 1 && text.contains('@') && !text.contains(' ') {
            Reach::Email(text.to_ascii_lowercase())
        } else {
            Reach::Name(text)
        }
    }
}

/// Where a conversation is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Where {
    /// In a place of the side bar.
    Place(Place),
    /// With the team of this name.
    Team(Value),
}

/// Whose a conversation is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Assignee {
    /// Whoever searches.
    Me,
    /// Nobody's.
    Nobody,
    /// The user of this name.
    User(Value),
}

/// What something came or went through.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Channel {
    /// Any channel of a kind.
    Kind(Kind),
    /// The one with this name or address.
    Named(Value),
}

/// What a term asks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the operators say what they ask for")]
pub enum What {
    /// Words, one after the other.
    Text {
        /// As they were written.
        text: Value,
        /// Is the last of them only the beginning of a word?
        prefix: bool,
    },
    From(Person),
    To(Person),
    In(Where),
    Label(Value),
    Assignee(Assignee),
    Channel(Channel),
    Is(State),
    Has(Thing),
    Before(Day),
    After(Day),
}

impl What {
    /// Its operator, if it has one.
    #[must_use]
    pub const fn operator(&self) -> Option<Operator> {
        Some(match self {
            What::Text { .. } => return None,
            What::From(_) => Operator::From,
            What::To(_) => Operator::To,
            What::In(_) => Operator::In,
            What::Label(_) => Operator::Label,
            What::Assignee(_) => Operator::Assignee,
            What::Channel(_) => Operator::Channel,
            What::Is(_) => Operator::Is,
            What::Has(_) => Operator::Has,
            What::Before(_) => Operator::Before,
            What::After(_) => Operator::After,
        })
    }
}

/// One thing that has to hold, or, negated, must not.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Term {
    /// What it asks for.
    pub what: What,
    /// Must it not hold?
    pub negated: bool,
}

/// A term, and where it stood, its minus and quotes included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// What was understood.
    pub term: Term,
    /// Where.
    pub span: Span,
}

impl Serialize for Placed {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let Term { what, negated } = &self.term;
        let operator = what.operator();
        let value = what.value();
        let kind = match operator {
            Some(_) => "operator",
            None if value.contains(' ') => "phrase",
            None => "word",
        };
        let mut fields = s.serialize_struct("Term", 7)?;
        fields.serialize_field("kind", kind)?;
        fields.serialize_field("operator", &operator.map(Operator::as_str))?;
        fields.serialize_field("value", &value)?;
        fields.serialize_field("prefix", &matches!(what, What::Text { prefix: true, .. }))?;
        fields.serialize_field("negated", negated)?;
        fields.serialize_field("text", &self.term.to_string())?;
        fields.serialize_field("span", &self.span)?;
        fields.end()
    }
}
