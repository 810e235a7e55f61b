//! Asking the provider for what has come, with an overlap; what was here already changes nothing.
//!
//! Without a public address the provider can't call us, so each channel in polling mode is asked every few seconds. The others are asked
//! at the start and every few minutes: a webhook that found us down, or busy, may not be tried again.

use partyline_channels::{Inbound, ProviderError, ReceivedLookup};
use partyline_core::phone::Party;
use partyline_core::time::{MINUTE, SECOND};
use partyline_store::channels::{ChannelRow, ConnectionRow};
use partyline_store::{StoreError, Workspace};

use crate::Desk;
use crate::connection::Opened;
use crate::error::{DeskError, Result};

/// How often the provider is asked, in milliseconds.
pub const POLL_EVERY: i64 = 10 * SECOND;
/// How far a question reaches back behind the last answer: providers list late, and their clocks are not ours.
const OVERLAP: i64 = 15 * MINUTE;
/// How often a channel whose provider calls us is asked what we may have missed.
const REPAIR_EVERY: i64 = 5 * MINUTE;

fn reader(channel: &ChannelRow) -> String {
    format!("poll {}", channel.id)
}

impl Desk {
    /// Asks for what has come to every channel whose turn it is. One that can't be asked does not hold up the others.
    pub async fn poll(&self) -> Result<()> {
        let workspaces =
            self.inner.db.read_root(|root| root.workspaces()).await.map_err(|e: StoreError| DeskError::from(e))?;
        let now = self.now();
        for (workspace, _, _) in workspaces {
            let polled = self
                .inner
                .db
                .read(workspace, move |scope| {
                    let mut polled = Vec::new();
                    for channel in scope.channels()? {
                        let asked_at = scope.cursor(&reader(&channel))?.unwrap_or(channel.created_at);
                        if channel.mode != "polling" && now.since(asked_at) < REPAIR_EVERY {
                            continue;
                        }
                        if let Some(connection) =
                            scope.connection(channel.connection)?.filter(|c| c.credentials.is_some())
                        {
                            polled.push((channel, connection));
                        }
                    }
                    Ok::<_, DeskError>(polled)
                })
                .await?;
            for (channel, connection) in polled {
                if let Err(error) = self.poll_channel(workspace, &channel, &connection).await {
                    tracing::warn!(channel = %channel.id, %error, "a channel could not be asked for its texts; it is asked again");
                }
            }
        }
        Ok(())
    }

    async fn poll_channel(&self, workspace: Workspace, channel: &ChannelRow, connection: &ConnectionRow) -> Result<()> {
        let reader = reader(channel);
        let known = reader.clone();
        let cursor = self
            .inner
            .db
            .read(workspace, move |scope| scope.cursor(&known))
            .await
            .map_err(|e: StoreError| DeskError::from(e))?;
        let asked_at = self.now();
        // a number that was just connected begins here; what it said before is history, which is imported on request
        let since = cursor.map_or(channel.created_at, |at| at - OVERLAP).max(channel.created_at);
        let to =
            Party::parse(&channel.address).map_err(|_| StoreError::Corrupt("a channel that is no number".into()))?;
        let Opened { provider, connection: opened } = self.open_connection(connection)?;
        match provider.find_received(&self.inner.http, &opened, &ReceivedLookup { to, since }).await {
            Ok(texts) => {
                for text in texts {
                    self.take(connection.id, vec![Inbound::Text(text)])
                        .await
                        .map_err(|e| StoreError::Unavailable(e.to_string()))?;
                }
                self.inner
                    .db
                    .write(workspace, asked_at, move |tx| Ok::<_, DeskError>(tx.set_cursor(&reader, asked_at)?))
                    .await?;
                self.note_connection(workspace, connection, "connected").await
            }
            Err(error @ ProviderError::CredentialsRefused { .. }) => {
                self.note_connection(workspace, connection, "refused").await?;
                Err(error.into())
            }
            Err(error) => {
                self.note_connection(workspace, connection, "unreachable").await?;
                Err(error.into())
            }
        }
    }
}
