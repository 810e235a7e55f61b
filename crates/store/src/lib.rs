//! Where it rests: one SQL text on SQLite and PostgreSQL.
