//! What an automatic reply may say. Texts may carry on a part of `session_from`; addresses that pictures are
//! fetched from may not, since `session_from` is whatever a stranger's client sends.

use super::guide::{URL_CHARS_MAX, is_url, url};
use crate::json::error::{FieldErrors, Rule, RuleCode};
use crate::json::fields::{Field, Fields};
use crate::settings::render::{Pattern, Piece, Placeholders};

/// The limit of a text, passive or by `custom/send` (docs/wechat.md §2.4, §4.3).
pub(super) const TEXT_BYTES_MAX: usize = 2048;

/// Titles and descriptions of cards: WeChat documents no limit and shows about two lines.
const LINE_CHARS_MAX: usize = 200;
const PAGEPATH_CHARS_MAX: usize = 1024;
const KINDS: [&str; 5] = ["text", "image", "link", "miniprogrampage", "transfer_customer_service"];
const WEB: &[&str] = &["https://", "http://"];

/// One message of a reply, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    Text(String),
    Image(ImageSource),
    Link {
        title: String,
        description: String,
        url: String,
        thumb_url: String,
    },
    MiniprogramPage {
        title: String,
        pagepath: String,
        thumb_url: String,
    },
    /// The conversation goes to a human.
    TransferCustomerService,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageSource {
    Url(String),
    /// The QR code that, scanned, follows the service account and binds this user.
    BindQrcode,
}

/// A [`Reply`] as written, its placeholders not yet filled.
#[derive(Debug, Clone)]
pub(super) enum ReplyPattern {
    Text(Text),
    Image(ImageSource),
    Link { title: Text, description: Text, url: Text, thumb_url: String },
    MiniprogramPage { title: Text, pagepath: Text, thumb_url: String },
    TransferCustomerService,
}

pub(super) type Text = Pattern<ReplyPlaceholder>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReplyPlaceholder {
    /// What follows the rule's `session_from_prefix`.
    SessionFromRest,
}

impl Placeholders for ReplyPlaceholder {
    const KNOWN: &'static [Self] = &[Self::SessionFromRest];

    fn name(self) -> &'static str {
        "session_from_rest"
    }
}

impl ReplyPattern {
    /// `rest` goes into texts without its control characters, and into paths and addresses percent-encoded,
    /// so that it stays one value of the query it was written into. `None` when nothing is left to show: WeChat refuses
    /// an empty text, and a card without a title.
    pub(super) fn fill(&self, rest: &str) -> Option<Reply> {
        let shown = |text: &Text| {
            let filled = text.fill(|_| rest.chars().filter(|c| !c.is_control()).collect());
            (!filled.trim().is_empty()).then_some(filled)
        };
        let line = |text: &Text| Some(shown(text)?.chars().take(LINE_CHARS_MAX).collect());
        Some(match self {
            Self::Text(text) => Reply::Text(at_most(TEXT_BYTES_MAX, shown(text)?)),
            Self::Image(source) => Reply::Image(source.clone()),
            Self::Link { title, description, url, thumb_url } => Reply::Link {
                title: line(title)?,
                description: line(description)?,
                url: encoded(url, rest, URL_CHARS_MAX),
                thumb_url: thumb_url.clone(),
            },
            Self::MiniprogramPage { title, pagepath, thumb_url } => Reply::MiniprogramPage {
                title: line(title)?,
                pagepath: encoded(pagepath, rest, PAGEPATH_CHARS_MAX),
                thumb_url: thumb_url.clone(),
            },
            Self::TransferCustomerService => Reply::TransferCustomerService,
        })
    }

    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Image(_) => "image",
            Self::Link { .. } => "link",
            Self::MiniprogramPage { .. } => "miniprogrampage",
            Self::TransferCustomerService => "transfer_customer_service",
        }
    }

    pub(super) fn uses_session_from_rest(&self) -> bool {
        let texts = match self {
            Self::Text(text) => vec![text],
            Self::Link { title, description, url, .. } => vec![title, description, url],
            Self::MiniprogramPage { title, pagepath, .. } => vec![title, pagepath],
            Self::Image(_) | Self::TransferCustomerService => vec![],
        };
        texts.iter().any(|text| text.placeholders().next().is_some())
    }
}

/// One entry of a rule's `reply`: an object with one member, named after the kind.
pub(super) fn read(field: &Field<'_>, errors: &mut FieldErrors) -> Option<ReplyPattern> {
    let mut fields = field.object(errors)?;
    let text = fields.optional("text").map(|field| read_text(&field, errors).map(ReplyPattern::Text));
    let image = fields.optional("image").map(|field| read_image(&field, errors).map(ReplyPattern::Image));
    let link = fields.optional("link").map(|field| read_link(&field, errors));
    let page = fields.optional("miniprogrampage").map(|field| read_page(&field, errors));
    let transfer = fields.optional("transfer_customer_service").map(|field| {
        field.object(errors)?.close(errors);
        Some(ReplyPattern::TransferCustomerService)
    });
    fields.close(errors);
    let mut kinds = [text, image, link, page, transfer].into_iter().flatten();
    match (kinds.next(), kinds.next()) {
        (Some(reply), None) => reply,
        (None, _) => {
            errors.at(
                &field.path,
                RuleCode::Required
                    .says(
                        "must say what to reply: text, image, link, miniprogrampage or transfer_customer_service",
                    )
                    .with(
                        "any_of",
                        KINDS.as_slice(),
                    ),
            );
            None
        }
        (Some(_), Some(_)) => {
            errors.at(
                &field.path,
                RuleCode::Conflict
                    .says("must have one kind only; write several replies as several entries")
                    .with("among", KINDS.as_slice()),
            );
            None
        }
    }
}

fn read_text(field: &Field<'_>, errors: &mut FieldErrors) -> Option<Text> {
    let text = field.text(errors)?;
    if !(1..=TEXT_BYTES_MAX).contains(&text.len()) || text.trim().is_empty() {
        let bytes = text.len();
        errors.at(
            &field.path,
            RuleCode::Length
                .says(format!(
                    "must be 1 to {TEXT_BYTES_MAX} bytes of UTF-8, not blank; this one has {bytes}"
                ))
                .with("min", 1)
                .with("max", TEXT_BYTES_MAX)
                .with("found", bytes)
                .with("unit", "bytes"),
        );
        return None;
    }
    shown_text(field, text, &['\n'], errors)
}

fn read_image(field: &Field<'_>, errors: &mut FieldErrors) -> Option<ImageSource> {
    if field.value == "bind_qrcode" {
        return Some(ImageSource::BindQrcode);
    }
    let text = field.text_of(1..=URL_CHARS_MAX, errors)?;
    if !is_url(text, WEB) {
        errors.at(
            &field.path,
            Rule::format("address", "must be bind_qrcode or an address that begins with https:// or http://"),
        );
        return None;
    }
    Some(ImageSource::Url(text.to_owned()))
}

fn read_link(field: &Field<'_>, errors: &mut FieldErrors) -> Option<ReplyPattern> {
    let mut fields = field.object(errors)?;
    let title = read_line(&mut fields, "title", errors);
    let description = read_line(&mut fields, "description", errors);
    let url = fields.required("url", errors).and_then(|field| read_link_url(&field, errors));
    let thumb_url = fields.required("thumb_url", errors).and_then(|field| self::url(&field, WEB, errors));
    fields.close(errors);
    Some(ReplyPattern::Link { title: title?, description: description?, url: url?, thumb_url: thumb_url? })
}

fn read_page(field: &Field<'_>, errors: &mut FieldErrors) -> Option<ReplyPattern> {
    let mut fields = field.object(errors)?;
    let title = read_line(&mut fields, "title", errors);
    let pagepath = fields.required("pagepath", errors).and_then(|field| {
        let text = field.text_of(1..=PAGEPATH_CHARS_MAX, errors)?;
        if text.starts_with('/') || text.contains("://") {
            errors.at(
                &field.path,
                Rule::format(
                    "page",
                    "must be a page of the mini program such as pages/item/item?id=42, without / in front",
                ),
            );
            return None;
        }
        target(&field, text, errors)
    });
    let thumb_url = fields.required("thumb_url", errors).and_then(|field| url(&field, WEB, errors));
    fields.close(errors);
    Some(ReplyPattern::MiniprogramPage { title: title?, pagepath: pagepath?, thumb_url: thumb_url? })
}

fn read_line(fields: &mut Fields<'_>, name: &'static str, errors: &mut FieldErrors) -> Option<Text> {
    let field = fields.required(name, errors)?;
    let text = field.text_of(1..=LINE_CHARS_MAX, errors)?;
    shown_text(&field, text, &[], errors)
}

/// The host of a link is the operator's alone: a placeholder may stand only behind it.
fn read_link_url(field: &Field<'_>, errors: &mut FieldErrors) -> Option<Text> {
    let text = field.text_of(1..=URL_CHARS_MAX, errors)?;
    let pattern = target(field, text, errors)?;
    let has_own_host = match pattern.pieces() {
        [Piece::Literal(whole)] => is_url(whole, WEB),
        [Piece::Literal(start), ..] => {
            let host = start.split_once("://").map_or("", |(_, rest)| rest);
            is_url(start, WEB) && host.contains(['/', '?', '#'])
        }
        _ => false,
    };
    if !has_own_host {
        errors.at(
            &field.path,
            Rule::format("address", "must begin with https:// or http:// and a host that is written out"),
        );
        return None;
    }
    Some(pattern)
}

/// Text for people: line breaks only where the kind shows them.
fn shown_text(field: &Field<'_>, text: &str, line_breaks: &[char], errors: &mut FieldErrors) -> Option<Text> {
    if text.contains(|c: char| c.is_control() && !line_breaks.contains(&c)) {
        errors.at(&field.path, RuleCode::Characters.says("must not contain control characters"));
        return None;
    }
    pattern(field, text, errors)
}

/// A path or address.
fn target(field: &Field<'_>, text: &str, errors: &mut FieldErrors) -> Option<Text> {
    if text.contains(|c: char| c.is_control() || c.is_whitespace()) {
        errors.at(&field.path, RuleCode::Characters.says("must not contain spaces or control characters"));
        return None;
    }
    pattern(field, text, errors)
}

fn pattern(field: &Field<'_>, text: &str, errors: &mut FieldErrors) -> Option<Text> {
    Text::parse(text).map_err(|error| errors.at(&field.path, error.in_words())).ok()
}

fn at_most(bytes: usize, mut text: String) -> String {
    text.truncate(text.floor_char_boundary(bytes));
    text
}

/// A path or address with `rest` in it. What is too long is cut off `rest`, between two of its characters: what the
/// operator wrote around it stays.
fn encoded(text: &Text, rest: &str, chars_max: usize) -> String {
    let written = text.fill(|_| String::new()).chars().count();
    let room = chars_max.saturating_sub(written) / text.placeholders().count().max(1);
    let mut value = String::new();
    for encoded in rest.chars().map(percent_encoded) {
        if value.len() + encoded.len() > room {
            break;
        }
        value.push_str(&encoded);
    }
    text.fill(|_| value.clone())
}

fn percent_encoded(character: char) -> String {
    let encoded = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    character.encode_utf8(&mut [0; 4]).bytes().map(encoded).collect()
}
