//! Uploaded media: three days, and only for the account that uploaded them (docs/wechat.md §4.5).

use std::collections::HashMap;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::accounts::AccountName;
use super::random::Random;
use super::refusals::Refusal;

const LIFE: SignedDuration = SignedDuration::from_hours(72);
const MEDIA_ID_LENGTH: usize = 64;

#[derive(Debug, Clone)]
pub(crate) struct Media {
    account: AccountName,
    pub(crate) kind: String,
    pub(crate) filename: String,
    pub(crate) content_type: String,
    pub(crate) bytes: Bytes,
    uploaded_at: Timestamp,
}

#[derive(Debug, Default)]
pub(crate) struct MediaStore {
    stored: HashMap<String, Media>,
}

/// What is uploaded, before it has an id.
#[derive(Debug)]
pub(crate) struct Upload {
    pub(crate) kind: String,
    pub(crate) filename: String,
    pub(crate) content_type: String,
    pub(crate) bytes: Bytes,
}

impl MediaStore {
    pub(crate) fn put(
        &mut self,
        account: AccountName,
        upload: Upload,
        now: Timestamp,
        random: &mut Random,
    ) -> String {
        let media_id = random.url_safe(MEDIA_ID_LENGTH);
        let Upload { kind, filename, content_type, bytes } = upload;
        let media = Media { account, kind, filename, content_type, bytes, uploaded_at: now };
        self.stored.insert(media_id.clone(), media);
        media_id
    }

    pub(crate) fn get(
        &self,
        account: AccountName,
        media_id: &str,
        now: Timestamp,
    ) -> Result<&Media, Refusal> {
        self.stored
            .get(media_id)
            .filter(|media| media.account == account && now < media.uploaded_at + LIFE)
            .ok_or_else(|| Refusal::of(40007))
    }

    /// The bytes behind a media_id, whosever and however old.
    pub(crate) fn bytes(&self, media_id: &str) -> Option<&Bytes> {
        self.stored.get(media_id).map(|media| &media.bytes)
    }
}
