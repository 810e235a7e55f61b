//! What people do with it: one file per use case.
