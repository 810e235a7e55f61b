//! Pictures of people: one each, small and square. The browser crops and shrinks; here it is only looked at what came, strictly, since
//! everybody in the workspace is shown it.

use partyline_core::event::EventType;
use partyline_core::id::FileId;
use partyline_core::permission::Permission;
use partyline_store::files::AttachmentRow;
use partyline_store::scope::entropy;
use partyline_store::{NewEvent, Tx};

use crate::error::{DeskError, Result};
use crate::{Desk, Who};

/// Bytes of a picture: a square of 512 points has a tenth of this.
pub const PICTURE_MAX: usize = 512 << 10;
/// Points of a picture's side: enough for the smallest that is drawn, and for the largest on a dense screen.
pub const SIDE: std::ops::RangeInclusive<u32> = 64..=1_024;

/// What a file says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Image {
    content_type: &'static str,
    width: u32,
    height: u32,
}

impl Desk {
    /// Makes this my picture, in place of the one before.
    pub async fn set_picture(&self, who: &Who, bytes: Vec<u8>) -> Result<()> {
        who.must(Permission::Read)?;
        let content_type = checked(&bytes)?;
        let blob = self.keep_file(who.workspace, bytes, content_type).await?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                let id = FileId::new(tx.now(), &entropy());
                tx.keep_blob(&blob, content_type)?;
                tx.create_attachment(&AttachmentRow {
                    id,
                    seq: None,
                    conversation: None,
                    uploaded_by: Some(who.user),
                    position: 0,
                    sha256: Some(blob.sha256.clone()),
                    name: "picture".to_owned(),
                    content_type: content_type.to_owned(),
                    size: blob.size,
                    source_url: None,
                    state: "ready".to_owned(),
                    created_at: tx.now(),
                    canned: None,
                    draft: None,
                })?;
                tx.set_picture_of(id, Some(who.user))?;
                replace(tx, &who, Some(id))
            })
            .await
    }

    /// Takes my picture away.
    pub async fn remove_picture(&self, who: &Who) -> Result<()> {
        who.must(Permission::Read)?;
        let who = who.clone();
        self.inner.db.write(who.workspace, self.now(), move |tx| replace(tx, &who, None)).await
    }
}

fn replace(tx: &mut Tx<'_>, who: &Who, picture: Option<FileId>) -> Result<()> {
    let mut row = tx.user(who.user)?.ok_or(DeskError::NotSignedIn)?;
    if row.picture == picture {
        return Ok(());
    }
    if let Some(before) = row.picture {
        tx.set_picture_of(before, None)?;
    }
    row.picture = picture;
    tx.set_user(&row)?;
    let event = NewEvent::new(who.actor(), EventType::UserUpdated).subject(who.user.uuid());
    tx.append(event.changed(["picture_id"]))?;
    Ok(())
}

/// The type of a picture that may be shown to all.
fn checked(bytes: &[u8]) -> Result<&'static str> {
    let problem = |code, detail: String| Err(DeskError::field("file", code, detail));
    if bytes.is_empty() {
        return problem("required", "The file is empty.".to_owned());
    }
    if bytes.len() > PICTURE_MAX {
        return problem("too_large", format!("A picture has at most {} KiB.", PICTURE_MAX >> 10));
    }
    let Some(image) = image(bytes) else {
        return problem("unknown_type", "Send a PNG, a JPEG or a WebP.".to_owned());
    };
    if image.width != image.height || !SIDE.contains(&image.width) {
        let (least, most) = (SIDE.start(), SIDE.end());
        return problem("wrong_size", format!("Send a square of {least} to {most} points a side."));
    }
    Ok(image.content_type)
}

/// Reads the head of a PNG, a JPEG or a WebP; nothing else is a picture here.
fn image(bytes: &[u8]) -> Option<Image> {
    let (content_type, (width, height)) = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        ("image/png", png(bytes)?)
    } else if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        ("image/jpeg", jpeg(bytes)?)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12)? == b"WEBP" {
        ("image/webp", webp(bytes)?)
    } else {
        return None;
    };
    Some(Image { content_type, width, height })
}

/// The first chunk is IHDR (PNG, 11.2.2).
fn png(bytes: &[u8]) -> Option<(u32, u32)> {
    if bytes.get(12..16)? != b"IHDR" {
        return None;
    }
    let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    Some((number(16)?, number(20)?))
}

/// Walks over the segments to the frame's head (ITU T.81, B.2.2).
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize| Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        match *bytes.get(at + 1)? {
            // padding
            0xff => at += 1,
            // a frame's head, but not the tables DHT, JPG and DAC, which lie among them
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                return Some((number(at + 7)?.into(), number(at + 5)?.into()));
            }
            // what has no length, or begins the scan: there was no frame before it
            0x00 | 0x01 | 0xd0..=0xda => return None,
            _ => at += 2 + usize::from(number(at + 2)?.max(2)),
        }
    }
}

/// The first chunk is VP8, VP8L or VP8X (RFC 9649, 2.5 to 2.7).
fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    let byte = |at: usize| bytes.get(at).map(|b| u32::from(*b));
    match bytes.get(12..16)? {
        b"VP8 " if bytes.get(23..26)? == [0x9d, 0x01, 0x2a] => {
            let side = |at: usize| Some((byte(at)? | byte(at + 1)? << 8) & 0x3fff);
            Some((side(26)?, side(28)?))
        }
        b"VP8L" if byte(20)? == 0x2f => {
            let bits = byte(21)? | byte(22)? << 8 | byte(23)? << 16 | byte(24)? << 24;
            Some(((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1))
        }
        b"VP8X" => {
            let side = |at: usize| Some((byte(at)? | byte(at + 1)? << 8 | byte(at + 2)? << 16) + 1);
            Some((side(24)?, side(27)?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn a_png(width: u32, height: u32) -> Vec<u8> {
        let head: [&[u8]; 4] =
            [b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", &width.to_be_bytes(), &height.to_be_bytes(), b"\x08\x06\0\0\0"];
        head.concat()
    }

    fn a_jpeg(width: u16, height: u16) -> Vec<u8> {
        let app0: &[u8] = b"\xff\xd8\xff\xe0\0\x04ab\xff\xff\xc4\0\x03x\xff\xc2\0\x11\x08";
        [app0, &height.to_be_bytes(), &width.to_be_bytes(), b"\x03"].concat()
    }

    fn a_webp(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        [b"RIFF\0\0\0\0WEBP", &kind[..], b"\0\0\0\0", body].concat()
    }

    #[test]
    fn a_picture_is_what_its_head_says_and_nothing_else() {
        let size = |bytes: &[u8]| image(bytes).map(|i| (i.content_type, i.width, i.height));
        assert_eq!(size(&a_png(256, 128)), Some(("image/png", 256, 128)));
        assert_eq!(size(&a_jpeg(300, 200)), Some(("image/jpeg", 300, 200)));
        let lossy = a_webp(b"VP8 ", &[0, 0, 0, 0x9d, 0x01, 0x2a, 0x00, 0x41, 0x80, 0x40]);
        assert_eq!(size(&lossy), Some(("image/webp", 256, 128)));
        let bits: u32 = 255 | (127 << 14);
        let lossless = a_webp(b"VP8L", &[&[0x2f][..], &bits.to_le_bytes()].concat());
        assert_eq!(size(&lossless), Some(("image/webp", 256, 128)));
        let extended = a_webp(b"VP8X", &[0, 0, 0, 0, 255, 0, 0, 127, 0, 0]);
        assert_eq!(size(&extended), Some(("image/webp", 256, 128)));
        for bytes in [&b"GIF89a"[..], b"<svg/>", b"\x89PNG", b"RIFF", b"RIFF\0\0\0\0WEBPVP8 ", b"\xff\xd8\xff", b""] {
            assert_eq!(size(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn every_beginning_of_a_picture_is_refused_without_a_panic() {
        for whole in [a_png(256, 256), a_jpeg(256, 256), a_webp(b"VP8X", &[0, 0, 0, 0, 255, 0, 0, 255, 0, 0])] {
            for end in 0..whole.len() {
                let _ = checked(&whole[..end]);
            }
            assert!(checked(&whole).is_ok());
        }
    }

    #[test]
    fn only_small_squares_are_taken() {
        for (width, height) in [(256, 255), (63, 63), (1_025, 1_025), (0, 0), (u32::MAX, u32::MAX)] {
            assert!(checked(&a_png(width, height)).is_err(), "{width} {height}");
        }
        let mut large = a_png(256, 256);
        large.resize(PICTURE_MAX + 1, 0);
        assert!(checked(&large).is_err());
    }
}
