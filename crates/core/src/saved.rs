//! Saved searches: how long and how many they may be. Whose one is, is a [`crate::canned::Scope`].

/// Characters of a name: it stands in the sidebar.
pub const NAME_MAX: usize = 60;
/// Characters of a query: far more than anybody writes by hand.
pub const QUERY_MAX: usize = 1_000;
/// Those of one person, of one team, or of the workspace: a list is sent whole, and a sidebar with more is no help.
pub const SAVED_MAX: usize = 50;
