//! A look at the database itself: for the tests that prepare every statement, read plans, compare schemas, and try to tamper.

use crate::connection::{Access, Connection};
use crate::error::{Result, StoreError};
use crate::{Db, Location};

impl Db {
    /// Runs on a connection of its own, which may write.
    pub async fn inspect<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let location = self.location().clone();
        let run = move || look(&mut Connection::open(&location, Access::Write)?);
        tokio::task::spawn_blocking(run).await.map_err(|_| StoreError::GaveUp)?
    }

    /// Every table with its columns.
    pub async fn columns(&self) -> Result<Vec<(String, String)>> {
        let sql = match self.location() {
            Location::Sqlite(_) => {
                "SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
            }
            Location::Postgres(_) => {
                "SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema = 'public'"
            }
        };
        self.inspect(move |connection| connection.rows(crate::sql::Sql::declared("inspect::columns", sql), &[])).await
    }

    /// Runs a statement that the program itself never would; `as_owner` takes the triggers away first.
    pub async fn tamper(&self, text: &'static str, as_owner: bool) -> Result<()> {
        self.inspect(move |connection| {
            if as_owner {
                let postgres = connection.is_postgres();
                connection.batch(if postgres {
                    "SET session_replication_role = replica"
                } else {
                    "DROP TRIGGER events_no_update; DROP TRIGGER events_no_delete"
                })?;
            }
            connection.batch(text)
        })
        .await
    }

    /// Makes the database look as if a program of the future had taken it one step further: a new table, and a word about which programs
    /// may work on (`oldest`; unsaid, none may).
    pub async fn pretend_step(&self, version: i64, oldest: Option<i64>) -> Result<()> {
        self.inspect(move |connection| {
            let none = if connection.is_postgres() { "'\\x00'" } else { "x'00'" };
            let oldest = oldest.map_or("NULL".to_owned(), |v| v.to_string());
            connection.begin(Access::Write)?;
            connection.batch(&format!("CREATE TABLE of_the_future_{version} (one INTEGER NOT NULL)"))?;
            connection.batch(&format!("ALTER TABLE contacts ADD COLUMN of_the_future_{version} INTEGER"))?;
            connection.batch(&format!(
                "INSERT INTO migrations (version, name, sha256, at, oldest) VALUES ({version}, 'of the future', {none}, 0, {oldest})"
            ))?;
            connection.batch("COMMIT")
        })
        .await
    }
}
