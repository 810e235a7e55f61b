//! The words that Twilio handles itself: a whole message, in any case, and nothing else in it.
//! <https://help.twilio.com/articles/223134027>

/// What a keyword asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyword {
    /// No more messages.
    Stop,
    /// Messages again.
    Start,
    /// Who is this?
    Help,
}

impl Keyword {
    /// As `OptOutType` has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stop => "STOP",
            Self::Start => "START",
            Self::Help => "HELP",
        }
    }

    /// What the provider answers by itself.
    pub const fn reply(self) -> &'static str {
        match self {
            Self::Stop => {
                "You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe."
            }
            Self::Start => {
                "You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply."
            }
            Self::Help => "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
        }
    }
}

/// The keyword that `text` to `number` is, if it is one.
///
/// On a toll-free number the network itself keeps the list, and takes back a STOP only for START
/// and UNSTOP.
pub fn keyword(text: &str, number: &str) -> Option<Keyword> {
    let word = text.trim().to_ascii_uppercase();
    match word.as_str() {
        "STOP" | "STOPALL" | "UNSUBSCRIBE" | "CANCEL" | "END" | "QUIT" | "REVOKE" | "OPTOUT" => Some(Keyword::Stop),
        "START" | "UNSTOP" => Some(Keyword::Start),
        "YES" if !is_toll_free(number) => Some(Keyword::Start),
        "HELP" | "INFO" => Some(Keyword::Help),
        _ => None,
    }
}

fn is_toll_free(number: &str) -> bool {
    ["800", "833", "844", "855", "866", "877", "888"]
        .iter()
        .any(|code| number.strip_prefix("+1").is_some_and(|n| n.starts_with(code)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_message_is_a_keyword() {
        assert_eq!(keyword(" stop\n", "+14155550100"), Some(Keyword::Stop));
        assert_eq!(keyword("Stop it", "+14155550100"), None);
        assert_eq!(keyword("STOP.", "+14155550100"), None);
        assert_eq!(keyword("yes", "+14155550100"), Some(Keyword::Start));
        assert_eq!(keyword("yes", "+18005550100"), None);
        assert_eq!(keyword("unstop", "+18005550100"), Some(Keyword::Start));
    }
}
