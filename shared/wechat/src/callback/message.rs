//! What a user can send to an account (docs/wechat.md §2.1 and §3).

use std::fmt;

use crate::document::Fields;
use crate::{AppId, MediaId};

/// A message of a user. Text fields are as WeChat wrote them, empty when absent.
///
/// `Debug` shows the kind only: people's words do not belong in logs.
#[derive(Clone, PartialEq, Eq)]
pub enum Message {
    /// Words; empty for stickers that WeChat cannot pass on.
    Text {
        /// The words.
        content: String,
    },
    /// A picture.
    Image {
        /// A temporary address made by WeChat.
        pic_url: String,
        /// The picture as media.
        media_id: MediaId,
    },
    /// A recording.
    Voice {
        /// The recording as media.
        media_id: MediaId,
        /// `amr`, `speex`.
        format: String,
        /// What was said, where speech recognition is enabled.
        recognition: Option<String>,
    },
    /// A film.
    Video {
        /// The film as media.
        media_id: MediaId,
        /// Its still picture as media.
        thumb_media_id: MediaId,
    },
    /// A short film, taken in the chat.
    ShortVideo {
        /// The film as media.
        media_id: MediaId,
        /// Its still picture as media.
        thumb_media_id: MediaId,
    },
    /// A place.
    Location {
        /// `Location_X`, degrees as text.
        latitude: String,
        /// `Location_Y`, degrees as text.
        longitude: String,
        /// The map's zoom.
        scale: String,
        /// The place in words.
        label: String,
    },
    /// A web page.
    Link {
        /// Its title.
        title: String,
        /// Its summary.
        description: String,
        /// Its address.
        url: String,
    },
    /// A mini-program card.
    MiniProgramPage {
        /// The card's title.
        title: String,
        /// The mini program it opens.
        appid: AppId,
        /// The page it opens, with query.
        page_path: String,
        /// A temporary address of its picture.
        thumb_url: String,
        /// Its picture as media.
        thumb_media_id: MediaId,
    },
    /// A kind that is not known here.
    Other {
        /// `MsgType` as it came.
        msg_type: String,
    },
}

impl Message {
    pub(super) fn from_fields(msg_type: &str, fields: &Fields<'_>) -> Self {
        let text = |name| fields.owned(name);
        let media = |name| MediaId::from(fields.owned(name));
        match msg_type {
            "text" => Self::Text { content: text("Content") },
            "image" => Self::Image { pic_url: text("PicUrl"), media_id: media("MediaId") },
            "voice" => Self::Voice {
                media_id: media("MediaId"),
                format: text("Format"),
                recognition: fields.string("Recognition"),
            },
            "video" => Self::Video { media_id: media("MediaId"), thumb_media_id: media("ThumbMediaId") },
            "shortvideo" => {
                Self::ShortVideo { media_id: media("MediaId"), thumb_media_id: media("ThumbMediaId") }
            }
            "location" => Self::Location {
                latitude: text("Location_X"),
                longitude: text("Location_Y"),
                scale: text("Scale"),
                label: text("Label"),
            },
            "link" => Self::Link { title: text("Title"), description: text("Description"), url: text("Url") },
            "miniprogrampage" => Self::MiniProgramPage {
                title: text("Title"),
                appid: AppId::from(text("AppId")),
                page_path: text("PagePath"),
                thumb_url: text("ThumbUrl"),
                thumb_media_id: media("ThumbMediaId"),
            },
            other => Self::Other { msg_type: other.to_owned() },
        }
    }

    /// The kind, by the platform's word; fit for logs.
    pub fn msg_type(&self) -> &str {
        match self {
            Self::Text { .. } => "text",
            Self::Image { .. } => "image",
            Self::Voice { .. } => "voice",
            Self::Video { .. } => "video",
            Self::ShortVideo { .. } => "shortvideo",
            Self::Location { .. } => "location",
            Self::Link { .. } => "link",
            Self::MiniProgramPage { .. } => "miniprogrampage",
            Self::Other { msg_type } => msg_type,
        }
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({:?})", self.msg_type())
    }
}
