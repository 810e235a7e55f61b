//! Files: uploaded by people, fetched from providers, handed out to who may have them.

use std::ops::Range;

use partyline_core::id::FileId;
use partyline_core::permission::Permission;
use partyline_core::time::DAY;
use partyline_store::blobs::Chunks;
use partyline_store::files::AttachmentRow;
use partyline_store::scope::{entropy, random};
use partyline_store::{StoreError, Workspace};
use sha2::{Digest, Sha256};
use url::Url;

use crate::canned::canned_view;
use crate::error::{DeskError, Result};
use crate::idempotent::{RequestKey, made, made_before};
use crate::view::see;
use crate::{Desk, Who};

/// Bytes of one upload.
pub const UPLOAD_MAX: usize = 16 << 20;
/// Characters of a file's name.
pub const FILE_NAME_MAX: usize = 150;
/// How long a provider may take to fetch a file: it may queue a message for ten hours.
pub const LINK_FOR: i64 = DAY;
/// What people may upload: what phones show, and documents.
const ACCEPTED: [&str; 14] = [
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/webp",
    "image/heic",
    "application/pdf",
    "video/mp4",
    "video/3gpp",
    "video/quicktime",
    "audio/mpeg",
    "audio/ogg",
    "audio/amr",
    "text/vcard",
    "text/plain",
];

/// A file that is being read.
pub struct FileRead {
    /// The row.
    pub row: AttachmentRow,
    /// Which bytes these are, where they are not all.
    pub range: Option<Range<u64>>,
    /// The bytes, as they come.
    pub bytes: Box<dyn Chunks>,
    /// Does everybody here see it, since it is the picture of one of them?
    pub is_picture_of_somebody: bool,
}

/// What of a file is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// From a byte, up to and with another, or to the end.
    From(u64, Option<u64>),
    /// So many bytes at the end.
    Last(u64),
}

impl Part {
    /// Which bytes of so many that is. `None`: all, also where there are no such bytes (a range may be ignored: RFC 9110, 14.2).
    fn of(self, size: u64) -> Option<Range<u64>> {
        let range = match self {
            Part::Whole => return None,
            Part::From(first, last) => first..last.map_or(size, |last| last.saturating_add(1).min(size)),
            Part::Last(count) => size.saturating_sub(count)..size,
        };
        (range.start < range.end).then_some(range)
    }
}

/// What the bytes really are. Names and declared types are not believed; text is, where it is text.
pub(crate) fn sniff(bytes: &[u8], declared: &str) -> String {
    if let Some(kind) = infer::get(bytes) {
        return kind.mime_type().to_owned();
    }
    let declared = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_text = !bytes.contains(&0) && std::str::from_utf8(bytes).is_ok();
    match declared.as_str() {
        "text/vcard" | "text/x-vcard" if is_text && bytes.starts_with(b"BEGIN:VCARD") => "text/vcard".to_owned(),
        "text/plain" if is_text => "text/plain".to_owned(),
        _ => "application/octet-stream".to_owned(),
    }
}

/// A name without folders, controls and surprises.
fn file_name(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = base
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, '"' | '<' | '>' | '|' | ':' | '*' | '?'))
        .take(FILE_NAME_MAX)
        .collect();
    let clean = clean.trim().trim_start_matches('.').to_owned();
    if clean.is_empty() { "file".to_owned() } else { clean }
}

impl Desk {
    /// Takes a file that is to be sent. It is nobody's until a message uses it.
    pub async fn upload(
        &self,
        who: &Who,
        name: String,
        declared: Option<String>,
        bytes: Vec<u8>,
        key: Option<RequestKey>,
    ) -> Result<AttachmentRow> {
        who.must(Permission::Reply)?;
        if bytes.is_empty() {
            return Err(DeskError::field("file", "required", "The file is empty."));
        }
        if bytes.len() > UPLOAD_MAX {
            return Err(DeskError::refused(
                "attachment_too_large",
                format!("A file has at most {} MB.", UPLOAD_MAX >> 20),
            ));
        }
        let content_type = sniff(&bytes, declared.as_deref().unwrap_or_default());
        if !ACCEPTED.contains(&content_type.as_str()) {
            return Err(DeskError::refused(
                "attachment_type",
                "Phones can't show files of this kind. Send a picture, a PDF, a video or a sound.",
            ));
        }
        let blob = self.keep_file(who.workspace, bytes, &content_type).await?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                let gone = || DeskError::NotFound("The file");
                if let Some(id) = made_before(tx, key.as_ref())? {
                    return tx.attachment(id)?.ok_or_else(gone);
                }
                let id = FileId::new(tx.now(), &entropy());
                tx.keep_blob(&blob, &content_type)?;
                tx.create_attachment(&AttachmentRow {
                    id,
                    seq: None,
                    conversation: None,
                    uploaded_by: Some(who.user),
                    position: 0,
                    sha256: Some(blob.sha256.clone()),
                    name: file_name(&name),
                    content_type: content_type.clone(),
                    size: blob.size,
                    source_url: None,
                    state: "ready".to_owned(),
                    created_at: tx.now(),
                    canned: None,
                    draft: None,
                })?;
                made(tx, key.as_ref(), id)?;
                tx.attachment(id)?.ok_or_else(gone)
            })
            .await
    }

    /// A file of a conversation that this person may see, in a draft too, of a canned response that they may use, a picture of somebody,
    /// or one that they uploaded.
    pub async fn file(&self, who: &Who, id: FileId, part: Part) -> Result<FileRead> {
        who.must(Permission::Read)?;
        let asker = who.clone();
        let (row, is_picture_of_somebody) = self
            .inner
            .db
            .read(who.workspace, move |scope| {
                let row = scope.attachment(id)?.ok_or(DeskError::NotFound("The file"))?;
                let draft = row.draft.map(|id| scope.draft(id)).transpose()?.flatten();
                let conversation = row.conversation.or(draft.map(|draft| draft.conversation));
                let is_loose = conversation.is_none() && row.canned.is_none();
                let is_picture = is_loose && scope.picture_of(id)?.is_some();
                match (conversation, row.canned) {
                    (Some(conversation), _) => see(scope, &asker, conversation)?,
                    (None, _) if is_picture || row.uploaded_by == Some(asker.user) => {}
                    (None, Some(canned)) => drop(canned_view(scope, &asker, canned)?),
                    (None, None) => return Err(DeskError::NotFound("The file")),
                }
                Ok((row, is_picture))
            })
            .await?;
        Ok(FileRead { is_picture_of_somebody, ..self.bytes_of(who.workspace, row, part).await? })
    }

    /// The file behind an expiring address, for providers.
    pub async fn shared_file(&self, token: &str, part: Part) -> Result<FileRead> {
        let hash = Sha256::digest(token.as_bytes()).to_vec();
        let now = self.now();
        let found = self.inner.db.read_root(move |root| Ok::<_, DeskError>(root.file_link(&hash, now)?)).await?;
        let (workspace, id) = found.ok_or(DeskError::NotFound("The file"))?;
        let row = self.inner.db.read(workspace, move |scope| Ok::<_, DeskError>(scope.attachment(id)?)).await?;
        self.bytes_of(workspace, row.ok_or(DeskError::NotFound("The file"))?, part).await
    }

    async fn bytes_of(&self, workspace: Workspace, row: AttachmentRow, part: Part) -> Result<FileRead> {
        let hash = row.sha256.clone().ok_or(DeskError::NotFound("The file"))?;
        let range = part.of(u64::try_from(row.size).unwrap_or(0));
        let bytes = self.inner.files.read(workspace, &hash, range.clone()).await.map_err(|e| match e {
            StoreError::File(e) if e.kind() == std::io::ErrorKind::NotFound => DeskError::NotFound("The file"),
            other => other.into(),
        })?;
        Ok(FileRead { row, range, bytes, is_picture_of_somebody: false })
    }

    /// Makes an address for one file that works without a session for `millis`.
    pub(crate) async fn link_file(&self, workspace: Workspace, base: &Url, id: FileId, millis: i64) -> Result<String> {
        let token = hex::encode(random::<32>());
        let hash = Sha256::digest(token.as_bytes()).to_vec();
        let now = self.now();
        self.inner
            .db
            .write(workspace, now, move |tx| Ok::<_, DeskError>(tx.link_file(&hash, id, now + millis)?))
            .await?;
        Ok(format!("{}/files/{token}", base.as_str().trim_end_matches('/')))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_folders_and_tricks() {
        assert_eq!(file_name("../../etc/passwd"), "passwd");
        assert_eq!(file_name("C:\\temp\\a\"b.png"), "ab.png");
        assert_eq!(file_name(".."), "file");
        assert_eq!(file_name(""), "file");
        assert_eq!(file_name(&"x".repeat(999)).len(), FILE_NAME_MAX);
    }

    #[test]
    fn a_part_lies_within_the_file_or_is_all_of_it() {
        assert_eq!(Part::Whole.of(10), None);
        assert_eq!(Part::From(0, Some(3)).of(10), Some(0..4));
        assert_eq!(Part::From(4, None).of(10), Some(4..10));
        assert_eq!(Part::From(4, Some(u64::MAX)).of(10), Some(4..10));
        assert_eq!(Part::Last(3).of(10), Some(7..10));
        assert_eq!(Part::Last(30).of(10), Some(0..10));
        for nowhere in [Part::From(10, None), Part::From(5, Some(4)), Part::Last(0)] {
            assert_eq!(nowhere.of(10), None, "{nowhere:?}");
        }
        assert_eq!(Part::Last(3).of(0), None);
    }

    #[test]
    fn types_are_seen_and_not_believed() {
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\n0000", "text/html"), "image/png");
        assert_eq!(sniff(b"hello", "text/plain"), "text/plain");
        assert_eq!(sniff(b"hel\0lo", "text/plain"), "application/octet-stream");
        for page in [
            b"<!DOCTYPE html><html></html>".as_slice(),
            b"<script>alert(1)</script>",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        ] {
            let seen = sniff(page, "image/svg+xml");
            assert!(!ACCEPTED.contains(&seen.as_str()), "{seen}");
        }
    }
}
