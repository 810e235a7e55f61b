//! Files, received or to be sent.

use partyline_core::id::FileId;
use partyline_desk::AttachmentRow;
use serde::Serialize;
use utoipa::ToSchema;

/// A file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Attachment)]
pub struct AttachmentOut {
    /// `file_…`
    #[schema(value_type = String)]
    pub id: FileId,
    /// Its name.
    pub name: String,
    /// What it is.
    pub content_type: String,
    /// Bytes.
    pub size: i64,
    /// Where it is fetched.
    pub url: String,
    /// `ready`; `fetching` while it is brought from the provider; `failed` when it could not be.
    pub state: String,
}

impl From<AttachmentRow> for AttachmentOut {
    fn from(row: AttachmentRow) -> Self {
        AttachmentOut {
            url: format!("/api/v1/attachments/{}", row.id),
            id: row.id,
            name: row.name,
            content_type: row.content_type,
            size: row.size,
            state: row.state,
        }
    }
}
