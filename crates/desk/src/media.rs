//! Files that came with a text: fetched from the provider behind the answer to its webhook.

use partyline_channels::{Media, ProviderError};
use partyline_core::event::{Actor, EventType};
use partyline_core::id::FileId;
use partyline_core::time::{DAY, MINUTE, Millis};
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
/// Tries before a file that the provider does not have is given up: about a quarter of an hour.
const TRIES: i64 = 9;
/// After this long a file is given up that the provider could not hand over for other reasons, or that was a fault of ours.
const GIVE_UP: i64 = DAY;
/// While our own storage is full, read-only or away, nothing is given up, and it is tried this often.
const STORAGE_AGAIN: i64 = MINUTE;

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
                let Some(connection) = scope.connection(channel.connection)? else { return Ok(None) };
                Ok(Some((row, connection, scope.provider_id_at(seq)?)))
            })
            .await?;
        let Some((row, connection, message)) = loaded else { return self.drop_job(job).await };
        let Some(url) = row.source_url.clone().filter(|_| row.state == "fetching") else {
            return self.drop_job(job).await;
        };
        let opened = self.open_connection(&connection)?;
        let fetched = self.fetch_from(&opened, &url, message.as_deref(), row.position).await;
        let now = self.now();
        let age = now.since(row.created_at);
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
            Err(error) if is_worth_another_try(&error, job.attempts, age) => {
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

    /// A file whose place was not known when its message came is looked for in the message's list.
    async fn fetch_from(
        &self,
        opened: &Opened,
        url: &str,
        message: Option<&str>,
        position: i64,
    ) -> Result<Media, ProviderError> {
        let (provider, connection) = (opened.provider, &opened.connection);
        if !url.is_empty() {
            return provider.fetch_media(&self.inner.http, connection, url).await;
        }
        let message = message.ok_or(ProviderError::NotFound)?;
        let listed = provider.list_media(&self.inner.http, connection, message).await?;
        let file = usize::try_from(position).ok().and_then(|n| listed.get(n)).ok_or(ProviderError::NotFound)?;
        provider.fetch_media(&self.inner.http, connection, &file.url).await
    }

    async fn drop_job(&self, job: ClaimedJob) -> Result<()> {
        self.inner.db.write(job.workspace, self.now(), move |tx| Ok(tx.job_done(&job).map(drop)?)).await
    }
}

/// Could a file not be kept because of the storage? Whoever runs it mends that, and then it can.
pub(crate) fn is_of_the_storage(error: &DeskError) -> bool {
    let DeskError::Store(error) = error else { return false };
    matches!(error, StoreError::Full(_) | StoreError::ReadOnly(_) | StoreError::Storage(_) | StoreError::File(_))
}

/// This server could not do its part for a file. While its storage is in trouble it goes on trying; otherwise it gives up after
/// [`GIVE_UP`], so that nobody waits for it.
pub(crate) fn fault(tx: &mut Tx<'_>, job: &ClaimedJob, why: &str, is_storage: bool) -> Result<()> {
    if !tx.holds_job(job)? {
        return Ok(());
    }
    let row = match serde_json::from_str::<Payload>(&job.payload) {
        Ok(payload) => tx.attachment(payload.file)?,
        Err(_) => None,
    };
    let now = tx.now();
    let at = again_at(now, job.attempts, None);
    let at = match &row {
        Some(_) if is_storage => Some(at.min(now + STORAGE_AGAIN)),
        Some(row) if job.attempts < TRIES || now.since(row.created_at) < GIVE_UP => Some(at),
        _ => None,
    };
    if let Some(at) = at {
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
fn is_worth_another_try(error: &ProviderError, tries: i64, age: i64) -> bool {
    match error {
        ProviderError::NotFound => tries < TRIES,
        // one that an operator has fetched again is older
        ProviderError::CredentialsRefused { .. } => tries < TRIES || age < GIVE_UP,
        error => error.is_passing() && (tries < TRIES || age < GIVE_UP),
    }
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
