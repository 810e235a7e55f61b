//! Files that came with a text: fetched from the provider behind the answer to its webhook.

use partyline_channels::ProviderError;
use partyline_core::event::{Actor, EventType};
use partyline_core::id::FileId;
use partyline_core::time::Millis;
use partyline_store::jobs::ClaimedJob;
use partyline_store::{NewEvent, StoreError, Tx};
use serde::{Deserialize, Serialize};

use crate::Desk;
use crate::connection::Opened;
use crate::deliver::again_at;
use crate::error::{DeskError, Result};
use crate::file::sniff;

/// The job that fetches one file.
pub(crate) const FETCH: &str = "fetch";
/// Tries before a file is given up: about a quarter of an hour.
const TRIES: i64 = 9;

#[derive(Serialize, Deserialize)]
struct Payload {
    file: FileId,
}

/// What to call a file that came without a name.
pub(crate) fn name_of(position: i64, content_type: &str) -> String {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    let (stem, extension) = match kind {
        "image/jpeg" => ("picture", "jpg"),
        "image/png" => ("picture", "png"),
        "image/gif" => ("picture", "gif"),
        "image/webp" => ("picture", "webp"),
        "image/heic" => ("picture", "heic"),
        "video/mp4" => ("video", "mp4"),
        "video/3gpp" => ("video", "3gp"),
        "audio/mpeg" => ("sound", "mp3"),
        "audio/amr" => ("sound", "amr"),
        "audio/ogg" => ("sound", "ogg"),
        "application/pdf" => ("document", "pdf"),
        "text/vcard" | "text/x-vcard" => ("contact", "vcf"),
        "text/plain" => ("text", "txt"),
        _ => ("file", "bin"),
    };
    format!("{stem}-{}.{extension}", position + 1)
}

/// Plans the fetch, in the transaction that received the text.
pub(crate) fn schedule(tx: &mut Tx<'_>, seq: i64, file: FileId) -> Result<()> {
    let now = tx.now();
    schedule_at(tx, seq, file, now)
}

/// Plans the fetch for a later moment.
pub(crate) fn schedule_at(tx: &mut Tx<'_>, seq: i64, file: FileId, at: Millis) -> Result<()> {
    let payload = serde_json::to_string(&Payload { file }).unwrap_or_default();
    Ok(tx.add_job(seq, FETCH, None, &payload, at)?)
}

impl Desk {
    /// Does a fetch job.
    pub(crate) async fn fetch(&self, job: ClaimedJob) -> Result<()> {
        let payload: Payload =
            serde_json::from_str(&job.payload).map_err(|e| StoreError::Corrupt(format!("a fetch job: {e}")))?;
        let file = payload.file;
        let loaded = self
            .inner
            .db
            .read(job.workspace, move |scope| {
                let Some(row) = scope.attachment(file)? else { return Ok::<_, DeskError>(None) };
                let Some(seq) = row.seq else { return Ok(None) };
                let Some(channel) = scope.channel_of_entry(seq)? else { return Ok(None) };
                let Some(channel) = scope.channel(channel)? else { return Ok(None) };
                Ok(scope.connection(channel.connection)?.map(|connection| (row, connection)))
            })
            .await?;
        let Some((row, connection)) = loaded else { return self.drop_job(job).await };
        let Some(url) = row.source_url.clone().filter(|_| row.state == "fetching") else {
            return self.drop_job(job).await;
        };
        let Opened { provider, connection } = self.open_connection(&connection)?;
        let fetched = provider.fetch_media(&self.inner.http, &connection, &url).await;
        let now = self.now();
        match fetched {
            Ok(media) => {
                let declared = media.content_type.clone().unwrap_or_else(|| row.content_type.clone());
                let content_type = sniff(&media.bytes, &declared);
                let name = name_of(row.position, &content_type);
                let blob = self.keep_file(job.workspace, media.bytes.to_vec(), &content_type).await?;
                self.inner
                    .db
                    .write(job.workspace, now, move |tx| {
                        if tx.job_done(&job)? {
                            tx.attachment_fetched(file, &blob, &content_type, &name)?;
                            told(tx, &row)?;
                        }
                        Ok(())
                    })
                    .await
            }
            Err(error) if is_worth_another_try(&error) && job.attempts < TRIES => {
                let at = again_at(now, job.attempts, None);
                self.inner
                    .db
                    .write(job.workspace, now, move |tx| {
                        Ok(tx.job_again(&job, at, Some(error.code()), None).map(drop)?)
                    })
                    .await
            }
            Err(error) => {
                self.inner
                    .db
                    .write(job.workspace, now, move |tx| {
                        if tx.job_done(&job)? {
                            tx.attachment_not_fetched(file, error.code())?;
                            told(tx, &row)?;
                        }
                        Ok(())
                    })
                    .await
            }
        }
    }

    async fn drop_job(&self, job: ClaimedJob) -> Result<()> {
        self.inner.db.write(job.workspace, self.now(), move |tx| Ok(tx.job_done(&job).map(drop)?)).await
    }
}

/// This server could not do its part for a file: it tries again, and gives up in the end, so that nobody waits for it.
pub(crate) fn fault(tx: &mut Tx<'_>, job: &ClaimedJob, why: &str) -> Result<()> {
    if !tx.holds_job(job)? {
        return Ok(());
    }
    if job.attempts < TRIES {
        let at = again_at(tx.now(), job.attempts, None);
        tx.job_again(job, at, Some(why), None)?;
        return Ok(());
    }
    given_up(tx, &job.payload)?;
    tx.job_dead(job, why)?;
    Ok(())
}

/// Nobody fetches it any more: its message says so.
pub(crate) fn given_up(tx: &mut Tx<'_>, payload: &str) -> Result<()> {
    if let Ok(payload) = serde_json::from_str::<Payload>(payload)
        && let Some(row) = tx.attachment(payload.file)?.filter(|row| row.state == "fetching")
    {
        tx.attachment_not_fetched(payload.file, "internal")?;
        told(tx, &row)?;
    }
    Ok(())
}

/// Somebody fetches it again: its message says so.
pub(crate) fn again(tx: &mut Tx<'_>, payload: &str) -> Result<()> {
    if let Ok(payload) = serde_json::from_str::<Payload>(payload)
        && tx.fetch_again(payload.file)?
        && let Some(row) = tx.attachment(payload.file)?
    {
        told(tx, &row)?;
    }
    Ok(())
}

/// Trouble that passes, a file that is not there yet, a token that was just changed.
fn is_worth_another_try(error: &ProviderError) -> bool {
    error.is_passing() || matches!(error, ProviderError::NotFound | ProviderError::CredentialsRefused { .. })
}

/// Tells everyone who looks at the message that its file is here, or never will be.
fn told(tx: &mut Tx<'_>, row: &partyline_store::files::AttachmentRow) -> Result<()> {
    let (Some(conversation), Some(seq)) = (row.conversation, row.seq) else { return Ok(()) };
    let Some(message) = tx.message_at(seq)? else { return Ok(()) };
    tx.append(
        NewEvent::new(Actor::System, EventType::MessageUpdated)
            .conversation(conversation)
            .subject(message.uuid())
            .changed(["attachments"]),
    )?;
    Ok(())
}
