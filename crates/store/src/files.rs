//! Attachments: rows here, bytes in files under their hash, one folder per workspace, so that nothing crosses.

use std::path::{Path, PathBuf};

use partyline_core::id::{ConversationId, FileId, UserId};
use partyline_core::time::Millis;
use sha2::{Digest, Sha256};

use crate::error::{Result, StoreError};
use crate::lists::{padded, places};
use crate::scope::{Scope, Tx, Workspace, random};
use crate::sql::{assembled, queries};
use crate::value::{row, values};

queries! {
    ATTACHMENT = "SELECT id, seq, conversation_id, uploaded_by, position, sha256, name, content_type, size, source_url, state, created_at FROM attachments WHERE workspace = $1 AND id = $2";
    CREATE = "INSERT INTO attachments (workspace, id, seq, conversation_id, uploaded_by, position, sha256, name, content_type, size, source_url, state, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    ATTACH = "UPDATE attachments SET seq = $3, conversation_id = $4, position = $5 WHERE workspace = $1 AND id = $2 AND seq IS NULL";
    FETCHED = "UPDATE attachments SET sha256 = $3, content_type = $4, size = $5, name = $6, state = 'ready', error = NULL WHERE workspace = $1 AND id = $2";
    NOT_FETCHED = "UPDATE attachments SET state = 'failed', error = $3 WHERE workspace = $1 AND id = $2";
    KEEP_BLOB = "INSERT INTO blobs (workspace, sha256, size, content_type, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    LINK = "INSERT INTO file_links (token_hash, workspace, attachment_id, expires_at) VALUES ($2, $1, $3, $4)";
}

row! {
    /// A file, received or to be sent.
    pub struct AttachmentRow {
        /// Its id.
        pub id: FileId,
        /// The message it belongs to; none while it is only uploaded.
        pub seq: Option<i64>,
        /// The conversation it belongs to.
        pub conversation: Option<ConversationId>,
        /// Who uploaded it.
        pub uploaded_by: Option<UserId>,
        /// Its place in the message.
        pub position: i64,
        /// The hash of its bytes, once they are here.
        pub sha256: Option<Vec<u8>>,
        /// Its name.
        pub name: String,
        /// What it is.
        pub content_type: String,
        /// Bytes.
        pub size: i64,
        /// Where the provider keeps it.
        pub source_url: Option<String>,
        /// `fetching`, `ready`, `failed`.
        pub state: String,
        /// When it came.
        pub created_at: Millis,
    }
}

impl Scope<'_> {
    /// One file.
    pub fn attachment(&mut self, id: FileId) -> Result<Option<AttachmentRow>> {
        self.row(ATTACHMENT, values![id])
    }

    /// The files of some messages, in order.
    pub fn attachments_of(&mut self, seqs: &[i64]) -> Result<Vec<AttachmentRow>> {
        let mut rows = Vec::new();
        for chunk in seqs.chunks(crate::lists::PAGE_MAX) {
            let (size, values) = padded(chunk, &[]);
            let sql = assembled(&format!("attachments {size}"), || {
                format!(
                    "SELECT id, seq, conversation_id, uploaded_by, position, sha256, name, content_type, size, source_url, state, created_at FROM attachments WHERE workspace = $1 AND seq IN ({}) ORDER BY seq, position",
                    places(2, size)
                )
            });
            rows.extend(self.rows::<AttachmentRow>(sql, &values)?);
        }
        Ok(rows)
    }
}

impl Tx<'_> {
    /// Adds a file.
    pub fn create_attachment(&mut self, a: &AttachmentRow) -> Result<()> {
        self.run(
            CREATE,
            values![
                a.id,
                a.seq,
                a.conversation,
                a.uploaded_by,
                a.position,
                a.sha256.clone(),
                &a.name,
                &a.content_type,
                a.size,
                a.source_url.clone(),
                &a.state,
                a.created_at,
            ],
        )
        .map(drop)
    }

    /// Puts an uploaded file onto a message. `false`: it is on one already.
    pub fn attach(&mut self, id: FileId, seq: i64, conversation: ConversationId, position: i64) -> Result<bool> {
        Ok(self.run(ATTACH, values![id, seq, conversation, position])? > 0)
    }

    /// Notes that these bytes are in the file store.
    pub fn keep_blob(&mut self, blob: &Blob, content_type: &str) -> Result<()> {
        let now = self.now();
        self.run(KEEP_BLOB, values![blob.sha256.clone(), blob.size, content_type, now]).map(drop)
    }

    /// Notes that a file was fetched.
    pub fn attachment_fetched(&mut self, id: FileId, blob: &Blob, content_type: &str, name: &str) -> Result<()> {
        self.keep_blob(blob, content_type)?;
        self.run(FETCHED, values![id, blob.sha256.clone(), content_type, blob.size, name]).map(drop)
    }

    /// Notes that a file can't be fetched.
    pub fn attachment_not_fetched(&mut self, id: FileId, error: &str) -> Result<()> {
        self.run(NOT_FETCHED, values![id, error]).map(drop)
    }

    /// Gives a file an address that needs no session until `expires`.
    pub fn link_file(&mut self, token_hash: &[u8], id: FileId, expires: Millis) -> Result<()> {
        self.run(LINK, values![token_hash, id, expires]).map(drop)
    }
}

/// Bytes that lie in the file store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// The hash they lie under.
    pub sha256: Vec<u8>,
    /// How many.
    pub size: i64,
}

/// The folder of files.
#[derive(Debug, Clone)]
pub struct Files {
    root: PathBuf,
}

impl Files {
    /// Files under this folder, which is made when it is not there.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn open(root: &Path) -> Result<Files> {
        std::fs::create_dir_all(root)?;
        Ok(Files { root: root.to_owned() })
    }

    fn path(&self, workspace: Workspace, sha256: &[u8]) -> Result<PathBuf> {
        let name = hex::encode(sha256);
        let folder = name.get(..2).ok_or_else(|| StoreError::Corrupt("a hash that is too short".into()))?;
        Ok(self.root.join(workspace.0.to_string()).join(folder).join(name))
    }

    /// Writes bytes durably under their hash. The same bytes again cost nothing.
    ///
    /// # Errors
    /// What the operating system said: nothing of it is visible then.
    pub async fn put(&self, workspace: Workspace, bytes: Vec<u8>) -> Result<Blob> {
        let sha256 = Sha256::digest(&bytes).to_vec();
        let path = self.path(workspace, &sha256)?;
        let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        let write = move || -> std::io::Result<()> {
            if path.exists() {
                return Ok(());
            }
            let folder = path.parent().ok_or(std::io::ErrorKind::InvalidInput)?;
            std::fs::create_dir_all(folder)?;
            let temporary = folder.join(format!(".{}", hex::encode(random::<8>())));
            let mut file = std::fs::File::create(&temporary)?;
            std::io::Write::write_all(&mut file, &bytes)?;
            file.sync_all()?;
            std::fs::rename(&temporary, &path)?;
            std::fs::File::open(folder)?.sync_all()
        };
        tokio::task::spawn_blocking(write).await.map_err(|_| StoreError::GaveUp)??;
        Ok(Blob { sha256, size })
    }

    /// Reads the bytes under a hash.
    ///
    /// # Errors
    /// [`StoreError::File`] when they are not there.
    pub async fn get(&self, workspace: Workspace, sha256: &[u8]) -> Result<Vec<u8>> {
        Ok(tokio::fs::read(self.path(workspace, sha256)?).await?)
    }
}
