//! The words around a keyword. All in capitals, as in [`Word::folded`](super::words::Word).

use crate::consent::Keyword;

/// What a verb takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    /// "Reply yes": what follows is the answer.
    Answers,
    /// "Send": what follows may be a thing.
    Gives,
}

/// Verbs that tell a reader to write.
pub(super) fn verb(word: &str) -> Option<Verb> {
    match word {
        "REPLY" | "REPLYING" | "RESPOND" | "RESPONDING" | "ANSWER" | "ANSWERING" | "RÉPONDEZ" | "REPONDEZ"
        | "RÉPONDRE" | "REPONDRE" => Some(Verb::Answers),
        "TEXT" | "TXT" | "TEXTING" | "SEND" | "SENDING" | "MESSAGE" | "MESSAGING" | "TYPE" | "TYPING" | "WRITE"
        | "WRITING" | "ENVOYEZ" | "ENVOYER" | "TEXTEZ" | "TEXTER" | "TAPEZ" | "TAPER" | "ÉCRIVEZ" | "ECRIVEZ" => {
            Some(Verb::Gives)
        }
        _ => None,
    }
}

/// Words that may stand between the verb and the answer.
pub(super) fn leads(word: &str) -> bool {
    const OTHERS: [&str; 29] = [
        "A",
        "AN",
        "THE",
        "BACK",
        "US",
        "ME",
        "ONLY",
        "JUST",
        "SIMPLY",
        "PLEASE",
        "EITHER",
        "ONE",
        "OF",
        "THESE",
        "FOLLOWING",
        "SINGLE",
        "TEXT",
        "MESSAGE",
        "REPLY",
        "ANSWER",
        "SMS",
        "LE",
        "LA",
        "UN",
        "NOUS",
        "MOI",
        "SIMPLEMENT",
        "SEULEMENT",
        "CLÉ",
    ];
    is_with(word) || names_a_word(word) || OTHERS.contains(&word)
}

/// "the word", "the keyword".
pub(super) fn names_a_word(word: &str) -> bool {
    matches!(word, "WORD" | "WORDS" | "KEYWORD" | "KEYWORDS" | "CODE" | "MOT")
}

/// "to this message": whom or what is answered.
pub(super) fn is_to(word: &str) -> bool {
    matches!(word, "TO" | "À" | "AU")
}

/// What brings the answer after that; W as in "w/ the word".
pub(super) fn is_with(word: &str) -> bool {
    matches!(word, "WITH" | "W" | "SAYING" | "AVEC" | "PAR")
}

/// Joins answers.
pub(super) fn is_or(word: &str) -> bool {
    matches!(word, "OR" | "AND" | "OU" | "ET")
}

/// Says what an answer is for, or when.
pub(super) fn gives_purpose(word: &str) -> bool {
    gives_aim(word) || matches!(word, "IF" | "SI")
}

/// Says what an answer is for.
pub(super) fn gives_aim(word: &str) -> bool {
    matches!(word, "TO" | "FOR" | "POUR")
}

/// Goes on after an answer. Another word makes one thing of both: "end date", "help desk", "yes please".
pub(super) fn goes_on(word: &str) -> bool {
    const OTHERS: [&str; 15] =
        ["OR", "AND", "OU", "ET", "WHEN", "BY", "BEFORE", "NOW", "BACK", "TODAY", "AT", "WITHIN", "ONCE", "SO", "AFIN"];
    gives_purpose(word) || OTHERS.contains(&word)
}

/// Keywords that are things too: one sends information, and an end date.
pub(super) fn is_thing(word: &str) -> bool {
    matches!(word, "START" | "END" | "HELP" | "INFO")
}

/// What makes a noun of "reply" and "text".
pub(super) fn is_article(word: &str) -> bool {
    matches!(word, "A" | "AN" | "THE" | "YOUR" | "OUR" | "MY" | "HIS" | "HER" | "THEIR" | "ANY" | "NO" | "IN" | "EACH")
}

/// Who does it: `true` for the sender or somebody else, `false` for the reader, `None` for a word that is nobody.
pub(super) fn is_sender(word: &str) -> Option<bool> {
    match word.split(['\'', '’']).next().unwrap_or_default() {
        "I" | "WE" | "HE" | "SHE" | "THEY" | "WILL" => Some(true),
        "YOU" | "VOUS" | "PLEASE" => Some(false),
        _ => None,
    }
}

/// Tells the reader not to.
pub(super) fn is_no(word: &str) -> bool {
    matches!(word, "DON'T" | "DON’T" | "DONT" | "NOT" | "NEVER")
}

/// Digits and nothing else.
pub(super) fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit())
}

/// Keywords that nobody takes for anything else.
pub(super) fn is_plain(words: &str) -> bool {
    matches!(
        words,
        "STOP"
            | "STOPALL"
            | "STOP ALL"
            | "UNSUBSCRIBE"
            | "OPTOUT"
            | "OPT OUT"
            | "ARRET"
            | "ARRÊT"
            | "START"
            | "UNSTOP"
            | "HELP"
            | "INFO"
    )
}

/// Does what is said of a keyword say what it really does? Said of nothing but texts ("to end", "at any time"), or of
/// nothing at all, it does for a plain one.
pub(super) fn says_so(kind: Keyword, is_plain: bool, clause: &[&str]) -> bool {
    const LITTLE: [&str; 26] = [
        "YOU", "CAN", "NO", "LONGER", "HEAR", "TO", "FOR", "AT", "ANY", "TIME", "ANYTIME", "NOW", "ALL", "US", "AND",
        "OR", "MORE", "PLEASE", "AGAIN", "FROM", "THIS", "NUMBER", "POUR", "VOUS", "LES", "AU",
    ];
    const TEXTS: [&str; 9] = ["TEXTS", "TXTS", "TEXTING", "MESSAGES", "MSGS", "MESSAGING", "SMS", "ALERTS", "TEXTOS"];
    let (own, opts, acts): (&[&str], _, &[&str]) = match kind {
        Keyword::Stop => (
            &["UNSUBSCRIBE", "UNSUBSCRIBED", "OPTOUT", "OPTS", "DÉSABONNER", "DÉSINSCRIRE"],
            "OUT",
            &["STOP", "END", "CANCEL", "QUIT", "LEAVE", "ARRÊTER", "ANNULER"],
        ),
        Keyword::Start { .. } => (
            &["SUBSCRIBE", "RESUBSCRIBE", "REJOIN", "ABONNER", "RÉABONNER"],
            "IN",
            &["RECEIVE", "GET", "RESUME", "RESTART", "RECEVOIR"],
        ),
        Keyword::Help => (&["HELP", "SUPPORT", "ASSISTANCE", "AIDE"], "", &["GET", "INFO", "INFORMATION", "DETAILS"]),
    };
    let has = |list: &[&str]| clause.iter().any(|word| list.contains(word));
    let is_bare = |word: &&str| LITTLE.contains(word) || acts.contains(word) || is_number(word);
    let undoes = matches!(kind, Keyword::Start { .. }) && has(&["STOP", "END", "CANCEL", "QUIT"]);
    !undoes
        && (has(own)
            || clause.windows(2).any(|pair| pair == ["OPT", opts])
            || (has(&TEXTS) && (is_plain || has(acts)))
            || (is_plain && clause.iter().all(is_bare)))
}
