//! People's names.

/// Words before a name that are no name, without their dot.
const TITLES: [&str; 22] = [
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "dr",
    "prof",
    "professor",
    "sir",
    "madam",
    "rev",
    "hon",
    "herr",
    "frau",
    "m",
    "mme",
    "mlle",
    "sr",
    "sra",
    "srta",
    "señor",
    "señora",
];

/// What somebody of this name is called by: "Maya" of "Dr. Maya Lindqvist" and of "Lindqvist, Maya".
///
/// `None` where the name doesn't say: "Mrs. Fox" (nobody is called Fox by us), a number, an address of email. A company's
/// name can't be told from a person's.
///
/// ```
/// use partyline_core::name::first_name;
/// assert_eq!(first_name("Dr. Maya Lindqvist"), Some("Maya"));
/// assert_eq!(first_name("Mrs. Fox"), None);
/// ```
#[must_use]
pub fn first_name(name: &str) -> Option<&str> {
    let given = match name.split_once(',') {
        // "Lindqvist, Maya", but not "Maya Lindqvist, MD"
        Some((family, given)) if family.split_whitespace().count() == 1 => given,
        Some((before, _)) => before,
        None => name,
    };
    let is_title = |word: &str| TITLES.contains(&word.trim_end_matches('.').to_lowercase().as_str());
    let mut words = given.split_whitespace();
    let mut first = words.next()?;
    let mut titles = 0;
    while is_title(first) {
        titles += 1;
        first = words.next()?;
    }
    if titles > 0 && words.next().is_none() && !name.contains(',') {
        return None;
    }
    let is_name = first.chars().next().is_some_and(char::is_alphabetic) && !first.contains(['@', '/']);
    is_name.then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_called_by_their_first_name() {
        let cases = [
            ("Maya Lindqvist", Some("Maya")),
            ("  Maya  ", Some("Maya")),
            ("Jean-Luc Picard", Some("Jean-Luc")),
            ("O'Neil", Some("O'Neil")),
            ("Lindqvist, Maya", Some("Maya")),
            ("Maya Lindqvist, MD", Some("Maya")),
            ("Dr. Maya Lindqvist", Some("Maya")),
            ("Prof. Dr. Maya Lindqvist", Some("Maya")),
            ("Fox, Mr. Dana", Some("Dana")),
            ("Mrs. Fox", None),
            ("Mr", None),
            ("田中 太郎", Some("田中")),
            ("+1 415 555 0142", None),
            ("maya@example.com", None),
            ("4B", None),
            ("", None),
            (" , ", None),
        ];
        for (name, wanted) in cases {
            assert_eq!(first_name(name), wanted, "{name:?}");
        }
    }
}
