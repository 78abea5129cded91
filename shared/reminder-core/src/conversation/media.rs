//! Pictures for customer-service replies: uploaded as temporary media, the media id remembered until shortly before it
//! dies.

use jiff::{SignedDuration, Timestamp};
use qrcode::{Color, QrCode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;
use wechat::MediaId;

use crate::account::Account;
use crate::app::App;
use crate::app::wechat::WechatError;
use crate::table::{IndexEntries, Item, TableError, keys};

/// WeChat keeps temporary media three days (docs/wechat.md §4.5); it is renewed half a day before.
const REUSED_FOR: SignedDuration = SignedDuration::from_hours(60);
/// So long a picture that could not be had is not asked for again, however many messages want it.
const FAILURE_KEPT_FOR: SignedDuration = SignedDuration::from_mins(1);
/// Pixels a module, and modules of white around: what a phone's camera and WeChat's long-press both read.
const MODULE_PIXELS: usize = 10;
const QUIET_MODULES: usize = 4;

#[derive(Debug, Error)]
pub enum MediaError {
    #[error(transparent)]
    Wechat(#[from] WechatError),
    /// The picture could not be fetched from where the settings say it is.
    #[error("the picture could not be fetched: {0}")]
    Fetch(wechat::CallError),
    #[error("the picture could not be had a moment ago, and is not asked for again yet")]
    FailedLately,
    #[error("the picture could not be drawn: {0}")]
    Draw(String),
    #[error(transparent)]
    Table(#[from] TableError),
}

/// What is remembered of a picture. `at`: since when.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Upload {
    account: Account,
    /// SHA-256 of where the picture came from.
    picture: String,
    outcome: Outcome,
    at: Timestamp,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Uploaded(MediaId),
    /// It could not be fetched, or not be uploaded.
    Failed,
}

impl Item for Upload {
    const KIND: &'static str = "uploaded picture";

    fn key(&self) -> keys::Key {
        keys::media(self.account, &self.picture)
    }

    fn indexed(&self) -> IndexEntries {
        IndexEntries { ttl: Some(self.at + REUSED_FOR), ..IndexEntries::default() }
    }
}

/// What of the memory of a picture counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Memory {
    All,
    /// Not that it failed: it is this very message's second try.
    Uploads,
    /// Nothing: WeChat does not know the remembered upload any more.
    None,
}

/// The media id of the picture at `url`.
pub async fn of_url(app: &App, account: Account, url: &str, memory: Memory) -> Result<MediaId, MediaError> {
    let now = app.now();
    let picture: String = Sha256::digest(url).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let known = app.table.get::<Upload>(keys::media(account, &picture)).await?;
    match known.map(|known| (known.item.outcome, known.item.at)) {
        Some((Outcome::Uploaded(media_id), at)) if memory != Memory::None && now < at + REUSED_FOR => {
            return Ok(media_id);
        }
        Some((Outcome::Failed, at)) if memory == Memory::All && now < at + FAILURE_KEPT_FOR => {
            return Err(MediaError::FailedLately);
        }
        _ => {}
    }
    let uploaded = fetch_and_upload(app, account, url).await;
    let outcome = uploaded.as_ref().map_or(Outcome::Failed, |media_id| Outcome::Uploaded(media_id.clone()));
    app.table.put_anyway(Upload { account, picture, outcome, at: now }).await?;
    uploaded
}

async fn fetch_and_upload(app: &App, account: Account, url: &str) -> Result<MediaId, MediaError> {
    let fetched = app.wechat.fetch_picture(url).await.map_err(MediaError::Fetch)?;
    upload(app, account, fetched.mime, fetched.bytes.to_vec()).await
}

/// Draws a QR code of `text` and uploads it.
pub async fn of_qr_code(app: &App, account: Account, text: &str) -> Result<MediaId, MediaError> {
    upload(app, account, "image/png", draw(text)?).await
}

async fn upload(app: &App, account: Account, mime: &str, bytes: Vec<u8>) -> Result<MediaId, MediaError> {
    let extension = match mime {
        "image/jpeg" => "jpg",
        "image/gif" => "gif",
        _ => "png",
    };
    let (filename, bytes) = (&format!("picture.{extension}"), &bytes);
    let uploaded = app
        .wechat
        .call(account, |client, token| async move {
            client.media_upload_image(&token, filename, mime, bytes.clone()).await
        })
        .await?;
    Ok(uploaded.media_id)
}

/// A black-and-white PNG.
fn draw(text: &str) -> Result<Vec<u8>, MediaError> {
    let wrong = |error: &dyn std::fmt::Display| MediaError::Draw(error.to_string());
    let code = QrCode::new(text).map_err(|error| wrong(&error))?;
    let modules = code.width();
    let side = (modules + 2 * QUIET_MODULES) * MODULE_PIXELS;
    let mut pixels = vec![0xff_u8; side * side];
    for (index, _) in code.to_colors().iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
        let (left, top) = (index % modules + QUIET_MODULES, index / modules + QUIET_MODULES);
        for row in 0..MODULE_PIXELS {
            let start = (top * MODULE_PIXELS + row) * side + left * MODULE_PIXELS;
            pixels[start..start + MODULE_PIXELS].fill(0);
        }
    }
    let mut png = Vec::new();
    let side = u32::try_from(side).map_err(|error| wrong(&error))?;
    let mut encoder = png::Encoder::new(&mut png, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(|error| wrong(&error))?;
    writer.write_image_data(&pixels).map_err(|error| wrong(&error))?;
    writer.finish().map_err(|error| wrong(&error))?;
    Ok(png)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_qr_code_is_a_square_png_with_a_white_border() {
        let png = draw("http://weixin.qq.com/q/kZgfwMTm72WWPkovabbI").expect("short enough");
        assert_eq!(png[..8], *b"\x89PNG\r\n\x1a\n");
        let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().expect("a PNG");
        let (width, height) = (reader.info().width as usize, reader.info().height as usize);
        let mut pixels = vec![0; width * height];
        reader.next_frame(&mut pixels).expect("one frame");
        assert_eq!(width, height);
        assert!(pixels[..width * QUIET_MODULES * MODULE_PIXELS].iter().all(|pixel| *pixel == 0xff));
        // The finder pattern: dark in its corner, light one module further in.
        let at = |module: usize| (module + QUIET_MODULES) * MODULE_PIXELS;
        assert_eq!((pixels[at(0) * width + at(0)], pixels[at(1) * width + at(1)]), (0, 0xff));
    }
}
