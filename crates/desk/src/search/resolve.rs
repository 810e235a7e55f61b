//! What a query's operators mean in this workspace, to whoever searches.

use std::collections::{BTreeMap, HashSet};

use partyline_core::conversation::{Priority, Status};
use partyline_core::id::{ContactId, UserId};
use partyline_core::query::{
    Assignee, Channel, Day, Kind, Look, Operator, Person, Phrase, Place, Placed, Query, Reach, Span, State, Thing,
    What, Where, plain, words,
};
use partyline_core::time::{Millis, zone};
use partyline_store::channels::ChannelRow;
use partyline_store::labels::LabelRow;
use partyline_store::people::{TeamRow, UserRow};
use partyline_store::search::walk::{Bounds, Condition, Range, Seek, Test};
use partyline_store::{Scope, StoreError, Viewer};

use crate::Who;
use crate::settings::{self, WorkspaceSettings};

/// People of one name that are looked for, the newest of them.
const PEOPLE_MAX: usize = 500;

/// Something of a query that was not understood, or names nothing.
#[derive(Debug, Clone)]
pub struct QueryProblem {
    /// A stable word.
    pub code: &'static str,
    /// For whoever wrote it.
    pub message: String,
    /// Where.
    pub span: Span,
}

/// What the names of a query may mean. Loaded where a query has names.
#[derive(Debug, Default)]
struct Known {
    users: Vec<UserRow>,
    teams: Vec<TeamRow>,
    labels: Vec<LabelRow>,
    channels: Vec<ChannelRow>,
}

/// Reads what a query asks for, below a seq.
pub(super) fn resolve(
    scope: &mut Scope<'_>,
    who: &Who,
    query: &Query,
    now: Millis,
    before: Option<i64>,
    bounds: Bounds,
) -> Result<(Seek, Vec<QueryProblem>), StoreError> {
    let known = Known::load(scope, who, query)?;
    let settings: WorkspaceSettings = settings::parse(&scope.workspace_row()?.settings);
    let zone = zone(&settings.time_zone);
    let begins = |day: Day| day.begins(now, &zone);
    let mut resolving = Resolving { known: &known, me: who.user, viewer: who.viewer(), bounds, problems: Vec::new() };
    let mut conditions = Vec::new();
    let mut alternatives: BTreeMap<&'static str, Vec<Test>> = BTreeMap::new();
    let (mut since, mut until) = (None::<Millis>, None::<Millis>);
    for placed in &query.terms {
        let Some(operator) = placed.term.what.operator() else { continue };
        let any = match &placed.term.what {
            What::After(day) | What::Before(day) => {
                let Some(at) = begins(*day) else { continue };
                let is_after = operator == Operator::After;
                if is_after != placed.term.negated {
                    since = since.max(Some(at));
                    vec![Test::Since(at)]
                } else {
                    until = Some(until.map_or(at, |until| until.min(at)));
                    vec![Test::Before(at)]
                }
            }
            _ => resolving.tests(scope, placed)?,
        };
        let is_period = matches!(operator, Operator::After | Operator::Before);
        if placed.term.negated && !is_period {
            conditions.push(Condition::none(any));
        } else if operator.alternates() {
            alternatives.entry(operator.as_str()).or_default().extend(any);
        } else {
            conditions.push(Condition::any(any));
        }
    }
    conditions.extend(alternatives.into_values().map(Condition::any));
    // people look there on purpose only
    for (status, place, state) in
        [(Status::Spam, Place::Spam, State::Spam), (Status::Trash, Place::Trash, State::Trash)]
    {
        let names = |what: &What| {
            matches!(what, What::In(Where::Place(p)) if *p == place) || matches!(what, What::Is(s) if *s == state)
        };
        if !query.terms.iter().any(|placed| !placed.term.negated && names(&placed.term.what)) {
            conditions.push(Condition::none(vec![Test::Is(status)]));
        }
    }
    let range = scope.range_of(since, until)?;
    let range = Range { above: range.above, before: before.map_or(range.before, |before| before.min(range.before)) };
    Ok((Seek { looks: query.looks(), conditions, range }, resolving.problems))
}

impl Known {
    fn load(scope: &mut Scope<'_>, who: &Who, query: &Query) -> Result<Known, StoreError> {
        let has = |operators: &[Operator]| {
            query.terms.iter().any(|placed| placed.term.what.operator().is_some_and(|o| operators.contains(&o)))
        };
        let mut known = Known::default();
        if has(&[Operator::From, Operator::To, Operator::Assignee]) {
            known.users = scope.users()?;
        }
        if has(&[Operator::In]) {
            // the name of a closed team is not known to those who don't see it
            let seen = scope.visible_teams(who.viewer())?;
            known.teams = scope.teams()?.into_iter().filter(|team| seen.contains(&team.id)).collect();
        }
        if has(&[Operator::Label]) {
            known.labels = scope.labels()?.into_iter().filter(|label| label.removed_at.is_none()).collect();
        }
        if has(&[Operator::To, Operator::Channel]) {
            known.channels = scope.channels()?;
        }
        Ok(known)
    }
}

struct Resolving<'a> {
    known: &'a Known,
    me: UserId,
    viewer: Viewer,
    bounds: Bounds,
    problems: Vec<QueryProblem>,
}

impl Resolving<'_> {
    /// What one operator asks for: any of these.
    fn tests(&mut self, scope: &mut Scope<'_>, placed: &Placed) -> Result<Vec<Test>, StoreError> {
        Ok(match &placed.term.what {
            What::Text { .. } | What::After(_) | What::Before(_) => Vec::new(),
            What::From(Person::Me) => vec![Test::Author(HashSet::from([self.me.uuid()]))],
            What::From(person) => self.from(scope, person, &placed.span)?,
            What::To(Person::Me) => vec![Test::Names(self.me), Test::All(vec![Test::Inbound, Test::Mine])],
            What::To(person) => self.to(scope, person, &placed.span)?,
            What::In(Where::Place(place)) => vec![self.place(*place)],
            What::In(Where::Team(name)) => {
                let found = named(&self.known.teams, name.as_str(), |team| vec![team.name.clone()]);
                self.one_at_least("team", name.as_str(), &placed.span, found.is_empty());
                vec![Test::Team(found.iter().map(|team| team.id).collect())]
            }
            What::Label(name) => {
                let found = named(&self.known.labels, name.as_str(), |label| {
                    let whole = label.name.to_string();
                    let own = whole.rsplit('/').next().unwrap_or_default().to_owned();
                    vec![whole, own]
                });
                self.one_at_least("label", name.as_str(), &placed.span, found.is_empty());
                vec![Test::Label(found.iter().map(|label| label.id).collect())]
            }
            What::Assignee(Assignee::Me) => vec![Test::Mine],
            What::Assignee(Assignee::Nobody) => vec![Test::Unassigned],
            What::Assignee(Assignee::User(name)) => {
                let found = named(&self.known.users, name.as_str(), |user| vec![user.name.clone(), user.email.clone()]);
                self.one_at_least("person in the team", name.as_str(), &placed.span, found.is_empty());
                vec![Test::Assigned(found.iter().map(|user| user.id).collect())]
            }
            What::Channel(Channel::Kind(Kind::Notes)) => vec![Test::Note],
            What::Channel(Channel::Kind(kind)) => {
                let of_kind = self.known.channels.iter().filter(|channel| channel.kind == kind.as_str());
                vec![Test::Through(of_kind.map(|channel| channel.id).collect())]
            }
            What::Channel(Channel::Named(name)) => {
                let found = self.channels(name.as_str());
                self.one_at_least("channel", name.as_str(), &placed.span, found.is_empty());
                vec![Test::Through(found)]
            }
            What::Is(state) => vec![is(*state)],
            What::Has(thing) => vec![has(*thing)],
        })
    }

    fn place(&self, place: Place) -> Test {
        let open = Test::Is(Status::Open);
        match place {
            Place::Mine => Test::All(vec![Test::Mine, open]),
            Place::Unassigned => Test::All(vec![Test::Unassigned, open]),
            Place::All => open,
            Place::Closed => Test::Is(Status::Closed),
            Place::Mentions => Test::Mentioned,
            Place::Following => Test::Following,
            Place::Drafts => Test::DraftOf(self.me),
            Place::Sent => Test::All(vec![Test::Author(HashSet::from([self.me.uuid()])), Test::Outbound]),
            Place::Snoozed => Test::Is(Status::Snoozed),
            Place::Scheduled => Test::Planned,
            Place::Spam => Test::Is(Status::Spam),
            Place::Trash => Test::Is(Status::Trash),
        }
    }

    fn from(&mut self, scope: &mut Scope<'_>, person: &Person, span: &Span) -> Result<Vec<Test>, StoreError> {
        let contacts = self.contacts(scope, person, span)?;
        let mut authors: HashSet<_> = contacts.iter().map(|id| id.uuid()).collect();
        if let Reach::Name(name) = person.reach() {
            let users = named(&self.known.users, name, |user| vec![user.name.clone()]);
            authors.extend(users.iter().map(|user| user.id.uuid()));
        }
        self.nobody(person, span, authors.is_empty());
        Ok(vec![Test::Author(authors)])
    }

    fn to(&mut self, scope: &mut Scope<'_>, person: &Person, span: &Span) -> Result<Vec<Test>, StoreError> {
        let contacts = self.contacts(scope, person, span)?;
        let addresses: HashSet<_> = scope.addresses_of(&contacts)?.into_iter().collect();
        let channels = match person.reach() {
            Reach::Number(number) => self.channels(&number),
            Reach::Email(text) => self.channels(&text),
            Reach::Name(text) => self.channels(text),
            Reach::Me => HashSet::new(),
        };
        self.nobody(person, span, addresses.is_empty() && channels.is_empty());
        Ok(vec![Test::To(addresses, channels)])
    }

    /// Channels by name, or by number in any formatting.
    fn channels(&self, text: &str) -> HashSet<partyline_core::id::ChannelId> {
        let number = partyline_core::query::digits(text);
        let mut found: HashSet<_> =
            named(&self.known.channels, text, |channel| vec![channel.name.clone()]).iter().map(|c| c.id).collect();
        if let Some(number) = number {
            let with = self.known.channels.iter().filter(|channel| channel.address.contains(&number));
            found.extend(with.map(|channel| channel.id));
        }
        found
    }

    fn contacts(&mut self, scope: &mut Scope<'_>, person: &Person, span: &Span) -> Result<Vec<ContactId>, StoreError> {
        let words: Vec<String> = match person.reach() {
            Reach::Me => return Ok(Vec::new()),
            // as the index has the end of a number
            Reach::Number(digits) => vec![format!("n{digits}")],
            Reach::Email(text) => words(&text).map(|word| word.text).collect(),
            Reach::Name(text) => words(text).map(|word| word.text).collect(),
        };
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let look = [Look { negated: false, phrases: vec![Phrase { words, prefix: true }], number: None }];
        // that there is somebody of this name must not be told to those who may not know of them
        if !self.viewer.role.sees_everything() && scope.find_contacts(self.viewer, &look, 1, self.bounds)?.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = scope.contacts_by(&look, PEOPLE_MAX + 1, self.bounds)?;
        if found.len() > PEOPLE_MAX {
            found.truncate(PEOPLE_MAX);
            self.problems.push(QueryProblem {
                code: "too_many_people",
                message: format!("These are very many people: only the newest {PEOPLE_MAX} of them are looked for."),
                span: span.clone(),
            });
        }
        Ok(found)
    }

    fn nobody(&mut self, person: &Person, span: &Span, is_empty: bool) {
        if let (Person::Other(name), true) = (person, is_empty) {
            self.unknown(format!("There is nobody with “{}”, so nothing is found.", name.as_str()), span);
        }
    }

    fn one_at_least(&mut self, what: &str, name: &str, span: &Span, is_empty: bool) {
        if is_empty {
            self.unknown(format!("There is no {what} called “{name}”, so nothing is found."), span);
        }
    }

    fn unknown(&mut self, message: String, span: &Span) {
        self.problems.push(QueryProblem { code: "unknown_name", message, span: span.clone() });
    }
}

/// Those with this name; if there are none, those in whose name a word begins so.
fn named<'a, T>(all: &'a [T], text: &str, names: impl Fn(&T) -> Vec<String>) -> Vec<&'a T> {
    let wanted = plain(text);
    if wanted.is_empty() {
        return Vec::new();
    }
    let matching = |fits: &dyn Fn(&str) -> bool| -> Vec<&'a T> {
        all.iter().filter(|one| names(one).iter().any(|name| fits(&plain(name)))).collect()
    };
    let whole = matching(&|name| name == wanted);
    if !whole.is_empty() {
        return whole;
    }
    let beginning = format!(" {wanted}");
    matching(&|name| format!(" {name}").contains(&beginning))
}

fn is(state: State) -> Test {
    match state {
        State::Open => Test::Is(Status::Open),
        State::Snoozed => Test::Is(Status::Snoozed),
        State::Closed => Test::Is(Status::Closed),
        State::Spam => Test::Is(Status::Spam),
        State::Trash => Test::Is(Status::Trash),
        State::Unread => Test::Unread,
        State::Waiting => Test::Waiting,
        State::Unassigned => Test::Unassigned,
        State::Mine => Test::Mine,
        State::Following => Test::Following,
        State::Mentioned => Test::Mentioned,
        State::Urgent => Test::Priority(Priority::Urgent.as_i64()),
        State::High => Test::Priority(Priority::High.as_i64()),
        State::Low => Test::Priority(Priority::Low.as_i64()),
        State::Failed => Test::Failed,
    }
}

fn has(thing: Thing) -> Test {
    match thing {
        Thing::Attachment => Test::File,
        Thing::Picture => Test::Picture,
        Thing::Note => Test::Note,
        Thing::Task => Test::Task,
        Thing::Draft => Test::Draft,
    }
}
