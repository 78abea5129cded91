//! Pictures: fetched from where they are, uploaded to where they are sent from (docs/wechat.md §4.5).

use std::fmt;

use bytes::Bytes;
use reqwest::multipart::{Form, Part};
use serde::Deserialize;

use super::call::address;
use super::{CallError, Client, lenient};
use crate::{AccessToken, MediaId, said};

/// The largest picture WeChat takes, going by the stricter of its two statements.
pub const MAX_PICTURE_BYTES: usize = 2 * 1024 * 1024;

/// A picture, and what its first bytes say it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// `image/png`, `image/jpeg` or `image/gif`.
    pub mime: &'static str,
    /// The file.
    pub bytes: Bytes,
}

/// Media that can be sent from now on, by the account that uploaded it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct UploadedMedia {
    /// What to send it by.
    pub media_id: MediaId,
    /// When it was uploaded, in Unix seconds: it lives three days.
    #[serde(default, deserialize_with = "lenient::number")]
    pub created_at: i64,
}

impl Picture {
    /// Recognises a picture by its first bytes; `None` when WeChat would not take it.
    pub fn sniff(bytes: Bytes) -> Option<Self> {
        let mime = match bytes.as_ref() {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => "image/png",
            [0xff, 0xd8, 0xff, ..] => "image/jpeg",
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => "image/gif",
            _ => return None,
        };
        (bytes.len() <= MAX_PICTURE_BYTES).then_some(Self { mime, bytes })
    }

    /// A name for the file; WeChat reads its ending.
    pub fn filename(&self) -> &'static str {
        match self.mime {
            "image/png" => "picture.png",
            "image/gif" => "picture.gif",
            _ => "picture.jpg",
        }
    }
}

impl Client {
    /// Uploads a picture.
    ///
    /// # Errors
    /// [`CallError`]; a repeat is harmless, it only makes a second media_id.
    pub async fn media_upload_image(
        &self,
        access_token: &AccessToken,
        filename: &str,
        mime: &str,
        bytes: impl Into<Bytes>,
    ) -> Result<UploadedMedia, CallError> {
        let bytes = bytes.into();
        let length = bytes.len() as u64;
        let part = Part::stream_with_length(bytes, length)
            .file_name(filename.to_owned())
            .mime_str(mime)
            .map_err(|_| CallError::not_sent(said!("not a media type", "不是媒体类型")))?;
        let parameters = [("access_token", access_token.expose()), ("type", "image")];
        let request = self.http.post(address(&self.api_url, "/cgi-bin/media/upload", &parameters));
        self.call(request.multipart(Form::new().part("media", part))).await
    }

    /// Fetches a picture of at most [`MAX_PICTURE_BYTES`] from anywhere, without following redirects.
    ///
    /// # Errors
    /// [`CallError::Unknown`] also when what comes is no PNG, JPEG or GIF; a repeat is harmless.
    pub async fn fetch_picture(&self, url: &str) -> Result<Picture, CallError> {
        let bytes = self.fetch(self.http.get(url), MAX_PICTURE_BYTES).await?;
        Picture::sniff(bytes.into()).ok_or_else(|| {
            CallError::unknown(said!("not a PNG, JPEG or GIF picture", "不是 PNG、JPEG 或 GIF 图片"))
        })
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({}, {} bytes)", self.mime, self.bytes.len())
    }
}
