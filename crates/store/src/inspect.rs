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

    /// Every table with its columns, but for those that SQLite keeps an index of words in.
    pub async fn columns(&self) -> Result<Vec<(String, String)>> {
        let sql = match self.location() {
            Location::Sqlite(_) => {
                "SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'entry_search_%'"
            }
            Location::Postgres(_) => {
                "SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema = 'public'"
            }
        };
        self.inspect(move |connection| connection.rows(crate::sql::Sql::declared("inspect::columns", sql), &[])).await
    }

    /// The columns of a table's primary key, in order.
    pub async fn primary_key(&self, table: &'static str) -> Result<Vec<String>> {
        let sql = match self.location() {
            Location::Sqlite(_) => "SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk",
            Location::Postgres(_) => {
                "SELECT k.column_name::text FROM information_schema.table_constraints c JOIN information_schema.key_column_usage k ON k.constraint_name = c.constraint_name AND k.table_name = c.table_name WHERE c.constraint_type = 'PRIMARY KEY' AND c.table_name = $1 ORDER BY k.ordinal_position"
            }
        };
        let rows = move |connection: &mut Connection| {
            connection.rows::<(String,)>(crate::sql::Sql::declared("inspect::primary_key", sql), &[table.into()])
        };
        Ok(self.inspect(rows).await?.into_iter().map(|(name,)| name).collect())
    }

    /// Makes every connection one to a provider at this address, credentials and all: what the API refuses to do.
    pub async fn point_connections_to(&self, url: String) -> Result<()> {
        let sql = crate::sql::Sql::declared("inspect::point", "UPDATE connections SET api_base_url = $1");
        self.inspect(move |connection| connection.run(sql, &[url.into()]).map(drop)).await
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
