//! What can go wrong at rest.

/// An error of the store. Callers act on the variant; the text is for the operator's log.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The queue of writes is full. Answer 503: nothing was written.
    #[error("the write queue is full ({0} units wait)")]
    Busy(usize),
    /// The database can't be reached, or can't go on. Nothing was written.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The disk or the quota is full. Nothing was written; what is there can be read.
    #[error("the disk is full: {0}")]
    Full(String),
    /// The disk or the database may only be read. Nothing was written.
    #[error("the disk or the database is read-only: {0}")]
    ReadOnly(String),
    /// The commit was asked for and its answer never came: it may or may not have been written.
    #[error("the database went away during the commit: {0}")]
    Lost(String),
    /// A row that must be unique is there already.
    #[error("already there: {0}")]
    Conflict(String),
    /// The store is shutting down. Nothing was written.
    #[error("the store gave up on this unit of work")]
    GaveUp,
    /// The unit panicked: a defect of the program, which the same work meets again. Nothing was written.
    #[error("a defect of the program stopped this unit of work")]
    Panicked,
    /// A value in the database is not what the program expects.
    #[error("unexpected value in the database: {0}")]
    Corrupt(String),
    /// The statement is wrong: a defect of the program.
    #[error("statement failed: {0}")]
    Statement(String),
    /// A newer program has changed the database so that this one can't work on it.
    #[error(
        "this database has schema {found}, this program knows up to {known}: start the newer program, or restore a backup"
    )]
    Newer {
        /// Version in the database.
        found: i64,
        /// Newest version of this program.
        known: i64,
    },
    /// The database lacks steps that this program needs: it was put back from a copy while the program ran.
    #[error(
        "this database has schema {found}, this program needs {known}: restart the program, which brings it up to date"
    )]
    Older {
        /// Version in the database.
        found: i64,
        /// Newest version of this program.
        known: i64,
    },
    /// The secret key is not the one that the database was made with.
    #[error("the secret key does not belong to this database: put back the key file that it was made with")]
    WrongKey,
    /// The place where files lie can't be reached, or refuses. What was to be kept is not.
    #[error("the file storage: {0}")]
    Storage(String),
    /// Reading or writing a file failed.
    #[error("file: {0}")]
    File(std::io::Error),
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> StoreError {
        use std::io::ErrorKind;
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full(error.to_string()),
            ErrorKind::ReadOnlyFilesystem => StoreError::ReadOnly(error.to_string()),
            _ => StoreError::File(error),
        }
    }
}

/// What keeps the store from writing, for as long as it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The database can't be reached.
    Away,
    /// The disk is full.
    Full,
    /// The disk or the database may only be read.
    ReadOnly,
}

impl Trouble {
    /// The error that tells of it.
    #[must_use]
    pub fn error(self, text: impl Into<String>) -> StoreError {
        match self {
            Trouble::Away => StoreError::Unavailable(text.into()),
            Trouble::Full => StoreError::Full(text.into()),
            Trouble::ReadOnly => StoreError::ReadOnly(text.into()),
        }
    }
}

impl StoreError {
    /// Is it the database, or its disk, that is in trouble, and not what was asked of it?
    #[must_use]
    pub const fn trouble(&self) -> Option<Trouble> {
        match self {
            StoreError::Unavailable(_) | StoreError::Lost(_) => Some(Trouble::Away),
            StoreError::Full(_) => Some(Trouble::Full),
            StoreError::ReadOnly(_) => Some(Trouble::ReadOnly),
            _ => None,
        }
    }

    /// Does it pass by itself? Then what was asked may be asked again, and nothing is to be concluded from it.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        self.trouble().is_some() || matches!(self, StoreError::Busy(_) | StoreError::GaveUp)
    }
}

/// The store's result.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
