//! How it travels: one folder per provider, wire formats only.
