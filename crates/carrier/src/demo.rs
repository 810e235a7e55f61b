//! The identity that the demo uses: an account, its secrets, its numbers, two phones.
//!
//! Nothing here opens anything real. The numbers are of the 555-01xx range, which is kept for
//! fiction.

/// The account.
pub const ACCOUNT_SID: &str = "AC5f3e1c7a9b2d4086a1c3e5f708192a3b";
/// Its auth token: signs webhooks, and signs in with [`ACCOUNT_SID`].
pub const AUTH_TOKEN: &str = "7d1f4b8e2a6c90537e4d8b1fa2c6e093";
/// An API key of the account, which signs in with [`API_KEY_SECRET`].
pub const API_KEY_SID: &str = "SK2c4e6a8b0d1f3579b1d3f5a7c9e0b2d4";
/// The secret of [`API_KEY_SID`].
pub const API_KEY_SECRET: &str = "q8Zr2LxW5vTn7KdYb3HcPf9MsJg4EuAa";
/// The name of the account.
pub const ACCOUNT_NAME: &str = "Harbor & Pine Property Care LLC";

/// The business's numbers, with their names.
pub const NUMBERS: [(&str, &str); 3] =
    [("+14155550100", "West line"), ("+14155550188", "Leasing line"), ("+16285550146", "Maintenance text line")];

/// The phones: number, whose it is, their network's name.
pub const PHONES: [(&str, &str, &str); 2] =
    [("+14155550142", "Maya", "Bay Mobile"), ("+16505550119", "Wren", "Coast Cell")];

/// The seed of the demo's chances.
pub const SEED: u64 = 4821;
