//! The variables that a template can name.

use std::fmt;
use std::str::FromStr;

use crate::delivery::UnknownWord;

macro_rules! variables {
    ($($name:ident = $word:literal: $label:literal,)*) => {
        /// Something that the inbox knows when a canned response is used (product.md, "Replying"). Business hours
        /// (`hours.…`) and custom fields are not among them yet: they are asked for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "each is its word")]
        pub enum Variable { $($name,)* }

        impl Variable {
            /// All of them, in the order in which an editor offers them.
            pub const ALL: &'static [Variable] = &[$(Variable::$name,)*];

            /// The name in a template.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Variable::$name => $word,)* }
            }

            /// What it is, for people: the name of a field, and of an entry in the editor's list.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $(Variable::$name => $label,)* }
            }
        }
    };
}

variables! {
    ContactName = "contact.name": "Contact’s name",
    ContactFirstName = "contact.first_name": "Contact’s first name",
    ContactNumber = "contact.number": "Contact’s number",
    AgentName = "agent.name": "Your name",
    AgentFirstName = "agent.first_name": "Your first name",
    AgentSignature = "agent.signature": "Your signature",
    TeamName = "team.name": "Team",
    WorkspaceName = "workspace.name": "Workspace",
    ConversationSubject = "conversation.subject": "Subject of the conversation",
}

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Variable {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        Self::ALL.iter().copied().find(|v| v.as_str() == word).ok_or(UnknownWord)
    }
}
