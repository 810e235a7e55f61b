//! What they say. Fictional; every number is in an exchange that is never given out (555).

use crate::commands::dice::Dice;

/// Area codes of the contacts' numbers.
const AREAS: [u16; 84] = [
    201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219, 224, 225, 228, 229, 231, 234,
    239, 240, 248, 251, 252, 253, 254, 256, 260, 262, 267, 269, 270, 276, 281, 301, 302, 303, 304, 305, 307, 308, 309,
    310, 312, 313, 314, 315, 316, 317, 318, 319, 320, 321, 323, 325, 330, 334, 336, 337, 339, 347, 351, 352, 360, 361,
    386, 401, 402, 404, 405, 406, 407, 408, 409, 410, 412, 415, 417, 419, 423,
];
/// Numbers of one area: all of 555 but the directory's (1212).
const PER_AREA: u32 = 9_999;
/// The most contacts that there are numbers for.
pub const CONTACTS_MAX: u32 = AREAS.len() as u32 * PER_AREA;

const FIRST: [&str; 48] = [
    "Maya", "Wren", "Dana", "Luis", "Aisha", "Noah", "Priya", "Tom", "Ines", "Kofi", "Mei", "Omar", "Grace", "Ivan",
    "Lena", "Diego", "Zoe", "Sam", "Amara", "Peter", "Ruth", "Hugo", "Nadia", "Eli", "Carmen", "Jonas", "Leila",
    "Marcus", "Yuki", "Bea", "Andre", "Farah", "Oscar", "Tessa", "Malik", "Greta", "Felix", "Rosa", "Theo", "Anya",
    "Ravi", "Clara", "Emeka", "Sofia", "Paul", "Hana", "Victor", "June",
];
const LAST: [&str; 40] = [
    "Lindqvist",
    "Castellano",
    "Okafor",
    "Nakamura",
    "Reyes",
    "Haddad",
    "Nguyen",
    "Schmidt",
    "Adeyemi",
    "Rossi",
    "Kowalski",
    "Patel",
    "Brooks",
    "Moreau",
    "Silva",
    "Johansson",
    "Chen",
    "Murphy",
    "Santos",
    "Ivanova",
    "Khan",
    "Novak",
    "Weber",
    "Tanaka",
    "Alvarez",
    "Mensah",
    "Larsen",
    "Cohen",
    "Dubois",
    "Baker",
    "Romero",
    "Fischer",
    "Osei",
    "Park",
    "Russo",
    "Singh",
    "Walsh",
    "Yilmaz",
    "Torres",
    "Hale",
];

const ASKS: [&str; 28] = [
    "Hi, is {thing} ready? I can come by {day} after {hour}.",
    "Good morning, can I move my appointment to {day} at {hour}?",
    "Do you have {thing} in stock?",
    "What would {thing} cost, roughly?",
    "I'm outside, which door is it?",
    "Running about {n} minutes late, sorry!",
    "Thanks, that works for me.",
    "ok",
    "Perfect, see you {day}",
    "Could you send me the invoice for {thing} again?",
    "Is anyone there on {day}?",
    "I still haven't heard back about {thing}. It has been {n} days now.",
    "How long will it take?",
    "Yes please",
    "No, that's all. Thank you!",
    "The tracking says delivered but {thing} isn't here. Can you check? I was home all day and nobody rang the bell.",
    "Can my sister pick it up instead? Her name is {name}.",
    "What are your hours on {day}?",
    "It's about {thing}, order {n}{n}4. It arrived with a scratch along the side, I can send a picture if that helps.",
    "Could you call me when you have a minute?",
    "Great, thank you so much",
    "Do you take cards?",
    "I'd like to cancel {thing} please",
    "We spoke on {day}, did you find out anything?",
    "Sure, {hour} is fine",
    "Is there parking nearby?",
    "Please add {thing} to my order, same address as last time. If it doesn't fit in one delivery, two is fine as well.",
    "👍",
];
/// What hardly anybody writes: once in so many texts.
const RARE: &str = "The hailstorm has broken {thing}. Who pays for that?";
const RARELY: u64 = 100_000;
const ANSWERS: [&str; 20] = [
    "Hi {name}, yes, {thing} is ready. We're open until {hour}.",
    "Of course. {day} at {hour} is free, shall I put you in?",
    "Done, see you {day} at {hour}.",
    "Let me check, I'll get back to you in {n} minutes.",
    "Sorry about that, {name}. We're sending {thing} again today, at no cost.",
    "That comes to ${n}5 with delivery.",
    "The blue door on the left, second floor.",
    "No problem, take your time.",
    "We're open {day} from 9 to {hour}.",
    "You're welcome!",
    "It has left our workshop this morning and should be with you by {day}.",
    "Could you send us a picture, please? Then we can tell you right away whether it can be repaired or needs replacing.",
    "I've sent the invoice to your email again. Anything else I can do?",
    "Your sister can pick it up, she just needs the order number.",
    "Yes, there's parking behind the building, free for two hours.",
    "I'll ask {name} to call you this afternoon.",
    "We have two left in stock. Shall I put one aside for you?",
    "Thanks for letting us know, {name}. All set.",
    "That's cancelled. The refund takes {n} to 5 working days.",
    "Yes, all cards, and cash of course.",
];
const NOTES: [&str; 8] = [
    "Called, no answer. Trying again {day}.",
    "Refund approved, {n}5 dollars.",
    "Asked the workshop about {thing}.",
    "Regular, be generous.",
    "Second complaint about {thing} this month, please look at it before answering.",
    "Put aside at the counter.",
    "Prefers to be called after {hour}.",
    "See the other number too, same household.",
];
const THINGS: [&str; 16] = [
    "my order",
    "the bike",
    "the blue jacket",
    "the replacement part",
    "my prescription",
    "the table",
    "the key",
    "the cake",
    "my laptop",
    "the lease",
    "the gift card",
    "the winter tyres",
    "the sofa",
    "my package",
    "the estimate",
    "the dishwasher",
];
const DAYS: [&str; 9] =
    ["today", "tomorrow", "on Monday", "Tuesday", "Wednesday", "Thursday", "on Friday", "Saturday", "next week"];
const HOURS: [&str; 8] = ["9", "10:30", "noon", "2", "3:15", "4", "five", "6 pm"];

/// A name for a contact; some are never learned.
pub fn name(dice: &mut Dice) -> Option<String> {
    dice.permille(850).then(|| format!("{} {}", dice.one(&FIRST), dice.one(&LAST)))
}

/// Somebody of the team: a name, and a local part for their address.
pub fn colleague(n: usize) -> (String, String) {
    let (first, last) = (FIRST[n % FIRST.len()], LAST[(n * 7 + 3) % LAST.len()]);
    (format!("{first} {last}"), format!("{first}.{last}").to_lowercase())
}

/// The number of the n-th contact. Below [`CONTACTS_MAX`] no two are the same.
pub fn phone(n: u32) -> String {
    let area = AREAS[(n / PER_AREA) as usize % AREAS.len()];
    let line = n % PER_AREA;
    // 555-1212 is the directory's
    format!("+1{area}555{:04}", if line < 1_212 { line } else { line + 1 })
}

/// What a customer writes.
pub fn text(dice: &mut Dice) -> String {
    let ask = dice.one(&ASKS);
    fill(if dice.below(RARELY) == 0 { RARE } else { ask }, dice)
}

/// What the team answers.
pub fn answer(dice: &mut Dice) -> String {
    fill(dice.one(&ANSWERS), dice)
}

/// What the team notes.
pub fn note(dice: &mut Dice) -> String {
    fill(dice.one(&NOTES), dice)
}

fn fill(template: &str, dice: &mut Dice) -> String {
    let mut text = String::with_capacity(template.len() + 24);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let (slot, after) = after.split_once('}').unwrap_or((after, ""));
        match slot {
            "thing" => text.push_str(dice.one(&THINGS)),
            "day" => text.push_str(dice.one(&DAYS)),
            "hour" => text.push_str(dice.one(&HOURS)),
            "name" => text.push_str(dice.one(&FIRST)),
            _ => text.push_str(&(2 + dice.below(8)).to_string()),
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

/// A webhook's body as a provider would have sent it: kept for a while beside what was made of it.
pub fn body(provider_id: &str, from: &str, to: &str, text: &str) -> Vec<u8> {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("MessageSid", provider_id)
        .append_pair("From", from)
        .append_pair("To", to)
        .append_pair("Body", text)
        .append_pair("NumMedia", "0")
        .append_pair("NumSegments", "1")
        .finish()
        .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_contact_has_a_number_of_their_own() {
        let mut numbers: Vec<String> = (0..CONTACTS_MAX).map(phone).collect();
        assert!(numbers.iter().all(|n| !n.ends_with("5551212") && n.len() == 12));
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), CONTACTS_MAX as usize);
    }

    #[test]
    fn no_slot_stays_open() {
        let mut dice = Dice::new(1);
        for _ in 0..2_000 {
            for text in [text(&mut dice), answer(&mut dice), note(&mut dice)] {
                assert!(!text.contains(['{', '}']), "{text}");
            }
        }
    }
}
