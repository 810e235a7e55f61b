use proptest::prelude::*;

use super::*;

/// Each with the words that are warned about.
const TRAPS: &[(&str, &[&str])] = &[
    // the three of the rule, and what they are mostly written like
    ("Reply CANCEL to cancel your appointment", &["CANCEL"]),
    ("Reply END", &["END"]),
    ("Reply YES to confirm", &["YES"]),
    ("Text CANCEL to cancel", &["CANCEL"]),
    ("Reply “YES” to confirm.", &["YES"]),
    ("Reply \"yes\" to confirm.", &["yes"]),
    ("Reply 'Yes' to confirm.", &["Yes"]),
    ("Reply *yes* if you can make it", &["yes"]),
    ("Reply (YES) to confirm", &["YES"]),
    ("reply yes to confirm", &["yes"]),
    ("Reply yes or no", &["yes"]),
    ("Reply Yes", &["Yes"]),
    ("Please reply yes.", &["yes"]),
    ("REPLY YES TO CONFIRM", &["YES"]),
    ("Reply: YES", &["YES"]),
    ("Reply - YES - to confirm", &["YES"]),
    // verbs, and what stands between them and the word
    ("Answer YES and we will book it.", &["YES"]),
    ("Answer yes and we will book it.", &["yes"]),
    ("Respond with YES", &["YES"]),
    ("Text back YES to keep your slot", &["YES"]),
    ("Text us CANCEL", &["CANCEL"]),
    ("Send QUIT to leave the waiting list", &["QUIT"]),
    ("send cancel to 12345", &["cancel"]),
    ("Message us the word END when you are done.", &["END"]),
    ("Type REVOKE to withdraw your offer", &["REVOKE"]),
    ("Just text the word start to begin your order", &["start"]),
    ("Reply with the keyword info for our price list", &["info"]),
    ("Reply with a yes", &["yes"]),
    ("Reply to this message with YES.", &["YES"]),
    ("Reply to 415-555-0123 with the word cancel", &["cancel"]),
    ("Send us a text saying CANCEL", &["CANCEL"]),
    ("Confirm by texting YES", &["YES"]),
    ("You can reply cancel to free your slot.", &["cancel"]),
    ("We ask you to reply yes to hold the flat.", &["yes"]),
    ("If we should wait, please text yes.", &["yes"]),
    ("Your reply “YES” confirms it.", &["YES"]),
    ("We are full, reply yes to wait.", &["yes"]),
    ("If not, reply CANCEL", &["CANCEL"]),
    ("please respond w/ yes", &["yes"]),
    ("Texting CANCEL will cancel your order.", &["CANCEL"]),
    // one of several answers
    ("Reply Y to confirm, CANCEL to cancel", &["CANCEL"]),
    ("Reply C to confirm or CANCEL to cancel.", &["CANCEL"]),
    ("Reply 1 to confirm or cancel to cancel.", &["cancel"]),
    ("Reply A for the morning or END for none", &["END"]),
    ("Reply YES to confirm or CANCEL to cancel", &["YES", "CANCEL"]),
    ("Reply YES/NO", &["YES"]),
    ("Reply NO or YES", &["YES"]),
    ("Reply:\nYES to confirm\nCANCEL to cancel", &["YES", "CANCEL"]),
    ("Reply with one of these:\n\nYES to confirm\nEND to call it off", &["YES", "END"]),
    ("Reply STOP to opt out or CANCEL to cancel your visit", &["CANCEL"]),
    ("Reply CANCEL to cancel your visit, STOP to end messages", &["CANCEL"]),
    ("Reply Y or YES to confirm", &["YES"]),
    ("Respond YES, NO or MAYBE", &["YES"]),
    ("Reply confirm or CANCEL", &["CANCEL"]),
    ("Reply with your full name to confirm, or CANCEL to cancel", &["CANCEL"]),
    ("Kindly reply CONFIRM / CANCEL / LATER", &["CANCEL"]),
    ("Reply to this text YES or NO", &["YES"]),
    ("Just reply back with yes and we'll get going", &["yes"]),
    ("Reply yes, and we'll get going", &["yes"]),
    // a word that does something else than what is said
    ("Reply STOP to cancel your appointment", &["STOP"]),
    ("Reply STOP if the leak has stopped", &["STOP"]),
    ("To cancel your visit, reply STOP", &["STOP"]),
    ("To cancel your visit, reply CANCEL", &["CANCEL"]),
    ("Reply START to begin your order", &["START"]),
    ("Reply HELP if the technician is late", &["HELP"]),
    ("Text INFO for our opening hours", &["INFO"]),
    ("Reply YES to stop messages", &["YES"]),
    ("Reply YES to receive your quote", &["YES"]),
    ("Reply OPT OUT to leave the raffle", &["OPT OUT"]),
    ("Reply opt-out to leave the raffle", &["opt-out"]),
    ("Reply STOP ALL to halt the works", &["STOP ALL"]),
    // ARRET, in both spellings and both ways to write the letter
    ("Répondez ARRET pour annuler votre rendez-vous", &["ARRET"]),
    ("Envoyez « ARRÊT » pour annuler votre commande", &["ARRÊT"]),
    ("Re\u{301}pondez ARRE\u{302}T pour annuler votre visite", &["ARRE\u{302}T"]),
    ("Répondez par le mot cancel pour annuler", &["cancel"]),
    // beside placeholders
    ("Hi {{ contact.first_name | default('there') }}, reply YES to confirm {{ day }}.", &["YES"]),
];

const HARMLESS: &[&str] = &[
    "",
    "Please reply soon.",
    "I said yes",
    "Yes, we are open until six.",
    "Yes! Reply whenever you like.",
    "Thanks for your reply. Cancel any time.",
    "Thanks for your reply, yes we can do that",
    "In reply: yes, we are open.",
    "To cancel, reply C.",
    "Reply C, 1 or CONFIRM",
    "Reply CONFIRM to confirm",
    "Reply 1 for yes, 2 for no",
    "Reply to cancel your appointment",
    "Reply to this message to cancel",
    "Reply to confirm. Cancel online.",
    "Please reply or cancel online.",
    "Please reply today or cancel your booking online",
    "Please text, stop by, or call us",
    "Text us or stop by the shop",
    "Text or call for help",
    "Please reply by the end of the day",
    "Send the end date",
    "Please send start and end times",
    "Please send info on your lease",
    "Please text info and photos",
    "Please reply with info and photos",
    "Reply with your start date",
    "We will send help",
    "We'll send info tomorrow",
    "I’ll text info to Sam",
    "We will text yes or no by noon",
    "They answer yes to everything",
    "Send help desk tickets to us",
    "Our text help line is open",
    "Answer yes please",
    "Do not reply STOP unless you mean it",
    "Don’t text CANCEL, call us",
    "Cancellations: reply CANCELLED",
    "Reply STOPPING",
    "The text ends here. Stop.",
    "You can cancel your order at any time.",
    "Text us at the end of the week",
    "Reply end-to-end",
    "WE GOT YOUR REPLY, YES WE ARE OPEN",
    "See example.com/reply/yes",
    "Reply {{ answer }} to confirm",
    "Reply {{ answer | default('YES') }} to confirm",
    "Reply 1 = yes, 2 = no",
    "Answer: yes, we have parking.",
    "Reply 1 - YES, 2 - NO",
    "Reply A, B or C; cancel for free any time",
    "Reply 1 or stop by the office",
    "Reply, call or stop by",
    "Reply today and START saving",
    "Thanks for your message, stop by before six",
    "Send us a message: help is free",
    "The manager will answer yes or no by Monday",
    "Did they answer? Yes.",
    "Call or text 415-555-0100 for help",
    // what has to be said (compliance.md, R19), in the ways it is said
    "Reply STOP to opt out.",
    "Reply STOP to unsubscribe, HELP for help.",
    "Msg & data rates may apply. Reply HELP for help, STOP to cancel.",
    "Text STOP to end",
    "Text STOP",
    "Reply STOP.",
    "Txt or reply STOP at any time",
    "Reply \"STOP\" to stop receiving texts from us",
    "Reply STOP to 12345 to opt out",
    "Reply STOP ALL to end all messages",
    "Reply UNSUBSCRIBE to unsubscribe",
    "Reply OPT OUT to opt out",
    "Reply END to end messages",
    "Reply CANCEL to opt-out of messages",
    "Reply END to opt-out",
    "Reply CANCEL to stop these texts",
    "Reply STOP, END or CANCEL to opt out",
    "Reply STOP or CANCEL to unsubscribe",
    "To opt out, reply CANCEL",
    "Hi Maya, to unsubscribe please reply END.",
    "To stop receiving these messages, reply STOP",
    "For help reply HELP. To opt-out reply STOP.",
    "If you would rather not hear from us, reply STOP",
    "Reply STOP to end msgs.",
    "Texting STOP opts you out.",
    "Text STOP to cancel, INFO for info",
    "Reply HELP for more information",
    "Text HELP for customer support",
    "Reply INFO for help",
    "Text START to receive messages again",
    "Reply START to resubscribe",
    "Reply YES to subscribe to our alerts",
    "Reply YES to opt in",
    "Répondez ARRET pour vous désabonner",
];

fn words(text: &str) -> Vec<String> {
    warnings(text).into_iter().map(|w| w.word).collect()
}

#[test]
fn an_answer_that_is_a_keyword_is_warned_about() {
    for (text, expected) in TRAPS {
        assert_eq!(words(text), *expected, "{text:?}");
    }
}

#[test]
fn a_sentence_and_an_honest_keyword_are_not() {
    for text in HARMLESS {
        assert_eq!(words(text), Vec::<String>::new(), "{text:?}");
    }
}

#[test]
fn every_keyword_is_caught_whatever_its_case() {
    for word in "stop stopall unsubscribe cancel end quit revoke optout arret start unstop yes help info".split(' ') {
        for word in [word.to_owned(), word.to_uppercase()] {
            for text in [format!("Reply {word} if the rent is late"), format!("Reply '{word}' if the rent is late")] {
                assert_eq!(words(&text), [word.as_str()], "{text}");
            }
        }
    }
}

#[test]
fn it_says_what_the_word_does_and_what_to_do() {
    let kinds = |text| warnings(text).into_iter().map(|w| w.kind).collect::<Vec<_>>();
    assert_eq!(kinds("Reply CANCEL to cancel"), [Keyword::Stop]);
    assert_eq!(kinds("Reply YES to confirm"), [Keyword::Start { weak: true }]);
    assert_eq!(kinds("Reply INFO for prices"), [Keyword::Help]);
    for text in ["Reply CANCEL to cancel", "Reply YES to confirm", "Reply INFO for prices"] {
        let warning = warnings(text).remove(0);
        assert!(warning.detail().contains(&format!("“{}”", warning.word)), "{}", warning.detail());
        assert!(warning.detail().contains("Ask for another word"), "{}", warning.detail());
    }
}

#[test]
fn a_span_counts_characters() {
    let text = "Grüße 🎉! Reply “YES” or “CANCEL” today";
    let found = warnings(text);
    assert_eq!(found.len(), 2);
    for warning in found {
        let Span { start, end } = warning.span;
        assert_eq!(text.chars().skip(start).take(end - start).collect::<String>(), warning.word);
    }
}

/// So long that time that grows with the square of the length would not end.
#[test]
fn a_long_text_takes_time_in_proportion() {
    for piece in ["reply ", "reply to ", "Reply A or ", "{{ ", "{{ }} ", "stop or ", "'", "reply us back ", "Re", "\n:"]
    {
        assert_eq!(warnings(&piece.repeat(100_000)), [], "{piece:?}");
    }
    assert_eq!(warnings(&format!("Reply{}YES", "\n".repeat(1_000_000))), []);
    assert_eq!(warnings(&"Reply YES, ".repeat(100_000)).len(), 100_000);
}

proptest! {
    #[test]
    fn no_text_panics(text: String) {
        let _ = warnings(&text);
    }

    #[test]
    fn no_heap_of_words_panics_and_each_word_found_is_its_span_and_a_keyword(
        text in "(reply|Text|SEND|to|with|the|word|YES|stop|opt|out|or|,|:|\\.|\n|'|“|”|\\{\\{|\\}\\}|a|é|é|🎉| | ){0,40}",
    ) {
        let mut last = 0;
        for warning in warnings(&text) {
            let Span { start, end } = warning.span;
            prop_assert!(last <= start && start < end);
            let word: String = text.chars().skip(start).take(end - start).collect();
            prop_assert_eq!(keyword(&word), Some(warning.kind));
            prop_assert_eq!(word, warning.word);
            last = start;
        }
    }
}
