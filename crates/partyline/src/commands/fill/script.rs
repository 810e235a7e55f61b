//! What the demo's customers and team say. Fictional; numbers are 555.

/// One thing that happens.
pub enum Act {
    /// The customer texts.
    Customer(&'static str),
    /// The team answers; `{name}` is the customer's first name.
    Team(&'static str),
    /// The team answers and it does not arrive: provider's code, and why.
    TeamFails(&'static str, &'static str, &'static str),
    /// The team notes.
    Note(&'static str),
    /// Somebody takes it.
    Assign,
    /// It gets a subject.
    Subject(&'static str),
    /// It gets labels, by name.
    Label(&'static [&'static str]),
    /// It is closed.
    Close,
}

/// The labels of the workspace, and their colours.
pub const LABELS: [(&str, Colour); 9] = [
    ("urgent", Colour::Red),
    ("repairs", Colour::Orange),
    ("repairs/leak", Colour::Red),
    ("repairs/heating", Colour::Orange),
    ("leasing", Colour::Blue),
    ("billing", Colour::Green),
    ("noise", Colour::Purple),
    ("parking", Colour::Grey),
    ("218 Alder", Colour::Teal),
];

/// A canned response of the demo.
pub struct Canned {
    /// Whose: a team's (as in [`Script::team`]), the owner's own, or the workspace's.
    pub whose: Whose,
    /// What it is called.
    pub name: &'static str,
    /// What it is called after a slash.
    pub shortcut: &'static str,
    /// What it says.
    pub text: &'static str,
    /// Answers of the past that hold one of these words were made with it.
    pub used_for: &'static [&'static str],
}

/// Whose a canned response is.
pub enum Whose {
    /// Everybody's.
    Workspace,
    /// A team's.
    Team(usize),
    /// The owner's own.
    Owner,
}

/// The canned responses.
pub const CANNED: [Canned; 6] = [
    Canned {
        whose: Whose::Workspace,
        name: "Office hours",
        shortcut: "hours",
        text: "Hi {{ contact.first_name | default('there') }}, the office is open Monday to Friday from 9 to 5, and on Saturday from 10 to 2. {{ agent.first_name }}, {{ workspace.name }}",
        used_for: &["from 8 to 6", "Good morning"],
    },
    Canned {
        whose: Whose::Workspace,
        name: "Parking permit",
        shortcut: "parking",
        text: "Hi {{ contact.first_name | default('there') }}, text us a picture of the plate and we mail the permit to your box. It costs nothing.",
        used_for: &["permit", "one space per unit"],
    },
    Canned {
        whose: Whose::Workspace,
        name: "Details by email",
        shortcut: "email",
        text: "There is a little more to this than fits a text. What is the best address to send it to, {{ contact.first_name | default('please') }}?",
        used_for: &["in your mail"],
    },
    Canned {
        whose: Whose::Team(1),
        name: "A technician comes",
        shortcut: "visit",
        text: "Hi {{ contact.first_name | default('there') }}, a technician comes on {{ visit.day }} between {{ visit.hours }}. They text {{ contact.number }} when they are on the way.",
        used_for: &[],
    },
    Canned {
        whose: Whose::Team(2),
        name: "See an apartment",
        shortcut: "tour",
        text: "Hi {{ contact.first_name | default('there') }}! {{ unit }} is free to see on {{ tour.day }} at {{ tour.time }}. Ring 4B at 218 Alder Street. Does that suit you?",
        used_for: &[],
    },
    Canned {
        whose: Whose::Owner,
        name: "Call me back",
        shortcut: "callme",
        text: "It is easier to talk this through. May I call you at {{ contact.number }} this afternoon? {{ agent.first_name }}",
        used_for: &[],
    },
];

/// A conversation of one of the teams: 0 West, 1 Maintenance, 2 Leasing.
pub struct Script {
    /// Whose number they text.
    pub team: usize,
    /// What happens.
    pub acts: &'static [Act],
}

use Act::{Assign, Close, Customer, Label, Note, Subject, Team, TeamFails};
use partyline_core::label::Colour;

/// Conversations that are over, or answered.
pub const SCRIPTS: [Script; 16] = [
    Script {
        team: 0,
        acts: &[
            Customer("Hi, is the gym open on Sunday?"),
            Team("Hi {name}, yes, from 8 to 6."),
            Customer("Great, thank you!"),
            Close,
        ],
    },
    Script {
        team: 0,
        acts: &[
            Customer("The parking permit for my new car, do I need to come by?"),
            Label(&["parking"]),
            Assign,
            Team("No need, {name}. Text a picture of the plate and we mail the permit."),
            Customer("It's 8XKR204, a grey Corolla"),
            Note("Permit 117 issued, mailed today."),
            Team("Thanks! Permit 117 is on its way to your box."),
            Close,
        ],
    },
    Script {
        team: 0,
        acts: &[
            Customer("Package room code isn't working for me"),
            Team("Sorry about that, {name}. The code changed this morning: 4417 then #."),
            Customer("works, ty"),
            Close,
        ],
    },
    Script {
        team: 0,
        acts: &[
            Customer("Who do I ask about the noise from 3C? It's every night now"),
            Label(&["noise"]),
            Assign,
            Note("Third complaint about 3C this month. Letter goes out today."),
            Team("We're writing to them today, {name}, and we check again on Friday."),
            Customer("Thank you, appreciate it"),
            Close,
        ],
    },
    Script {
        team: 0,
        acts: &[
            Customer("Can I pay rent by card this month?"),
            Label(&["billing"]),
            Team("Yes, in the tenant portal under Payments. There's a 2.5% fee for cards."),
            Customer("ok"),
            Close,
        ],
    },
    Script {
        team: 0,
        acts: &[
            Customer("Wrong unit number on my statement, I'm in 12 not 21"),
            Label(&["billing"]),
            Team("Good catch, {name}. Corrected, and a new statement is in your mail."),
            Close,
        ],
    },
    Script {
        team: 1,
        acts: &[
            Customer("Kitchen sink is draining really slow"),
            Label(&["repairs/leak"]),
            Assign,
            Team("Hi {name}, we can send somebody tomorrow between 9 and 12. Is that good?"),
            Customer("Yes, I work from home"),
            Note("Delgado Plumbing booked, 9 to 12. Key not needed."),
            Team("Booked. They text when they're on the way."),
            Customer("All fixed, they were great"),
            Close,
        ],
    },
    Script {
        team: 1,
        acts: &[
            Customer("Smoke detector in the hallway chirps every minute"),
            Team("That's its battery. We're there today before 5."),
            Customer("Thanks!!"),
            Close,
        ],
    },
    Script {
        team: 1,
        acts: &[
            Customer("No hot water since this morning, 44 Quarry Rd unit 6"),
            Label(&["repairs/heating"]),
            Assign,
            Subject("No hot water, 44 Quarry 6"),
            Team("On it, {name}. The boiler room says an hour."),
            Customer("It's back, thank you"),
            Close,
        ],
    },
    Script {
        team: 1,
        acts: &[
            Customer("The garage door is stuck half open"),
            Label(&["repairs"]),
            Assign,
            Note("Vendor can't before 4. Put a cone out."),
            Team("A technician comes at 4 today. Please use the side gate until then."),
            Customer("ok will do"),
            Note("Spring replaced, invoice to follow."),
            Close,
        ],
    },
    Script {
        team: 1,
        acts: &[
            Customer("Dishwasher leaks when it drains"),
            Label(&["repairs/leak"]),
            Team("Please switch it off at the wall, {name}. We come Thursday morning."),
            Customer("Thursday works"),
            Close,
        ],
    },
    Script {
        team: 2,
        acts: &[
            Customer("Hello! Do you allow two cats in the Alder Street units?"),
            Label(&["leasing"]),
            Assign,
            Team("Hi {name}! Yes, two cats are fine, with a $300 deposit that comes back."),
            Customer("Perfect. Is 4B still available?"),
            Team("It is, from December 1. Would you like to see it this week?"),
            Customer("Wednesday after 5 would be ideal"),
            Team("Wednesday 5:30 it is. 218 Alder Street, ring 4B."),
            Close,
        ],
    },
    Script {
        team: 2,
        acts: &[
            Customer("My lease ends 31 May, can I go month to month?"),
            Label(&["leasing"]),
            Assign,
            Team("You can, {name}. Rent would be $120 more a month. Shall I send the form?"),
            Customer("let me think about it"),
            Close,
        ],
    },
    Script {
        team: 2,
        acts: &[
            Customer("Is the deposit refundable?"),
            Label(&["leasing"]),
            Team("Yes, within 21 days of moving out, less any damage."),
            Close,
        ],
    },
    Script {
        team: 2,
        acts: &[
            Customer("I sent the signed renewal yesterday, did you get it?"),
            Team("We did, thank you {name}. A countersigned copy is in your mail."),
            Customer("👍"),
            Close,
        ],
    },
    Script {
        team: 2,
        acts: &[
            Customer("How much is parking?"),
            Team("$95 a month, covered, one space per unit."),
            Customer("Thanks"),
            Close,
        ],
    },
];

/// Conversations of this morning, and how many minutes ago each began: what the team has to do now.
pub const WAITING: [(Script, i64); 12] = [
    (
        Script {
            team: 2,
            acts: &[
                Customer("Good morning, is the studio on Quarry Road still free?"),
                Team("Good morning {name}, it is! Want to see it today?"),
                Customer("Yes, at noon?"),
                Team("Noon works. See you there."),
            ],
        },
        210,
    ),
    (
        Script {
            team: 0,
            acts: &[
                Customer("Thank you for the quick answer yesterday, the fob works again"),
                Team("Glad to hear it, {name}!"),
                Close,
            ],
        },
        180,
    ),
    (
        Script {
            team: 1,
            acts: &[
                Customer("Can the painters come a day later? I'm away on Thursday"),
                Assign,
                Note("@Tom painters can do Friday 8 to 10."),
                Team("Friday 8 to 10 works for them, {name}. Is that good for you?"),
            ],
        },
        150,
    ),
    (
        Script {
            team: 0,
            acts: &[
                Customer("The water heater in 4B is leaking again, there’s a puddle by the closet"),
                Subject("Water heater leaking, 218 Alder 4B"),
                Label(&["repairs/leak", "218 Alder"]),
                Assign,
                Note("Delgado Plumbing can be there 2 to 4 pm. Key: lockbox 4417."),
                TeamFails(
                    "Thank you {name}, a plumber is booked for this afternoon.",
                    "30003",
                    "Their phone was off or out of reach. Try again in a while, or use another channel.",
                ),
                Customer("It’s still dripping. Is someone coming today?"),
            ],
        },
        64,
    ),
    (
        Script {
            team: 0,
            acts: &[
                Customer("the garage door is stuck half open, and my car is inside"),
                Label(&["repairs", "urgent"]),
            ],
        },
        31,
    ),
    (
        Script {
            team: 0,
            acts: &[
                Customer("ok and does the deposit come off the first month?"),
                Label(&["leasing"]),
                Customer("or is it separate"),
            ],
        },
        22,
    ),
    (Script { team: 1, acts: &[Customer("The key fob stopped working at the side gate"), Label(&["repairs"])] }, 17),
    (
        Script {
            team: 2,
            acts: &[
                Customer("Invoice 20981 and the lien waiver for 44 Quarry Road, did they reach you?"),
                Label(&["billing"]),
                Assign,
            ],
        },
        12,
    ),
    (Script { team: 2, acts: &[Customer("Do you take pets under 20 lbs?"), Label(&["leasing"])] }, 9),
    (
        Script {
            team: 0,
            acts: &[Customer("Thank you! One more thing, the dryer makes a noise like a small aeroplane"), Assign],
        },
        6,
    ),
    (
        Script {
            team: 1,
            acts: &[
                Customer("Elevator smells of burning rubber. Should we use the stairs?"),
                Label(&["repairs", "urgent"]),
            ],
        },
        4,
    ),
    (Script { team: 0, acts: &[Customer("Is the office open tomorrow?")] }, 2),
];

/// Who texts.
pub const CONTACTS: [(&str, &str); 59] = [
    ("Odell", "Brisco"),
    ("Wallis", "Abernathy"),
    ("Ines", "Marchetti"),
    ("Joaquín", "Beltrán"),
    ("Hollis", "Grant"),
    ("Mei", "Tanaka"),
    ("Bashir", "Haddad"),
    ("Clara", "Nowak"),
    ("Dmitri", "Volkov"),
    ("Esther", "Okafor"),
    ("Felix", "Baumann"),
    ("Greta", "Lindholm"),
    ("Hugo", "Ferreira"),
    ("Imani", "Walker"),
    ("Jonah", "Feldman"),
    ("Keiko", "Mori"),
    ("Lars", "Eriksen"),
    ("Marisol", "Vega"),
    ("Nadia", "Rahman"),
    ("Oren", "Katz"),
    ("Paloma", "Serrano"),
    ("Quentin", "Dubois"),
    ("Rosa", "Delgado"),
    ("Soren", "Nielsen"),
    ("Tamsin", "Hughes"),
    ("Umar", "Siddiqui"),
    ("Vera", "Petrova"),
    ("Wesley", "Chambers"),
    ("Ximena", "Rojas"),
    ("Yusuf", "Demir"),
    ("Zora", "Freeman"),
    ("Anders", "Holm"),
    ("Beatriz", "Costa"),
    ("Callum", "Reid"),
    ("Dorothea", "Klein"),
    ("Emeka", "Nwosu"),
    ("Freya", "Sandberg"),
    ("Gideon", "Stone"),
    ("Hana", "Kovář"),
    ("Isaac", "Benoit"),
    ("Jun", "Park"),
    ("Kalani", "Kealoha"),
    ("Leocadia", "Santos"),
    ("Malik", "Johnson"),
    ("Noor", "Aziz"),
    ("Olu", "Bankole"),
    ("Pilar", "Ortega"),
    ("Rafael", "Mendes"),
    ("Saoirse", "Byrne"),
    ("Tobias", "Richter"),
    ("Valentina", "Conti"),
    ("Winston", "Clarke"),
    ("Yara", "Haddad"),
    ("Zeke", "Morrison"),
    ("Alma", "Fuentes"),
    ("Boris", "Ivanov"),
    ("Cordelia", "Finch"),
    ("Konstantinos", "Papadimitriou-Villanueva"),
    ("Theo", "Marsh"),
];
