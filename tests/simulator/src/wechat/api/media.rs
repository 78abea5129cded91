//! `media/upload` and `media/get` (docs/wechat.md §4.5).

use bytes::Bytes;
use serde_json::json;

use super::answer::{Answer, Outcome};
use super::call::Call;
use crate::wechat::accounts::AccountName;
use crate::wechat::media::Upload;
use crate::wechat::refusals::Refusal;
use crate::wechat::state::State;

const MIB: usize = 1024 * 1024;

/// What a kind of media may be called and how large it may be. The page names 2 MB and 10 MB for images;
/// the smaller one holds here.
fn rule(kind: &str) -> Option<(&'static [&'static str], usize)> {
    match kind {
        "image" => Some((&["png", "jpeg", "jpg", "gif"], 2 * MIB)),
        "voice" => Some((&["amr", "mp3"], 2 * MIB)),
        "video" => Some((&["mp4"], 10 * MIB)),
        "thumb" => Some((&["jpg", "jpeg"], 64 * 1024)),
        _ => None,
    }
}

pub(crate) fn upload(state: &mut State, call: &Call, account: AccountName) -> Outcome {
    let kind = call.parameter("type").unwrap_or_default().to_owned();
    let (extensions, size_max) = rule(&kind).ok_or_else(|| Refusal::of(40004))?;
    let part = media_part(&call.content_type, &call.body).ok_or_else(|| Refusal::of(41005))?;
    let extension = part.filename.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
    if !extension.is_some_and(|extension| extensions.contains(&extension.as_str())) {
        return Err(Refusal::of(40005));
    }
    if part.bytes.is_empty() {
        return Err(Refusal::of(40006));
    }
    if part.bytes.len() > size_max {
        return Err(Refusal::of(45001));
    }
    let Part { filename, content_type, bytes } = part;
    let upload = Upload { kind: kind.clone(), filename, content_type, bytes };
    let media_id = state.media.put(account, upload, call.now, &mut state.random);
    Ok(Answer::Json(json!({ "type": kind, "media_id": media_id, "created_at": call.now.as_second() })))
}

pub(crate) fn get(state: &mut State, call: &Call, account: AccountName) -> Outcome {
    let media_id = call.parameter("media_id").ok_or_else(|| Refusal::of(40007))?;
    let media = state.media.get(account, media_id, call.now)?;
    if media.kind == "video" {
        return Ok(Answer::Json(json!({ "video_url": format!("http://127.0.0.1/video/{media_id}") })));
    }
    Ok(Answer::Binary {
        content_type: media.content_type.clone(),
        disposition: Some(format!("attachment; filename=\"{}\"", media.filename)),
        bytes: media.bytes.clone(),
    })
}

struct Part {
    filename: String,
    content_type: String,
    bytes: Bytes,
}

/// The part named `media` of a multipart form.
fn media_part(content_type: &str, body: &Bytes) -> Option<Part> {
    let boundary = content_type.split_once("boundary=")?.1.split(';').next()?.trim().trim_matches('"');
    let delimiter = format!("--{boundary}").into_bytes();
    let mut at = find(body, &delimiter, 0)?;
    loop {
        let head = at + delimiter.len() + 2;
        let end = find(body, &delimiter, head)?;
        let blank = find(body, b"\r\n\r\n", head)?;
        let headers = std::str::from_utf8(body.get(head..blank)?).ok()?;
        if attribute(headers, "name").as_deref() == Some("media") {
            return Some(Part {
                filename: attribute(headers, "filename")?,
                content_type: header(headers, "content-type")
                    .unwrap_or("application/octet-stream")
                    .to_owned(),
                bytes: body.slice(blank + 4..end.checked_sub(2)?),
            });
        }
        at = end;
    }
}

fn find(haystack: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    let rest = haystack.get(from..)?;
    rest.windows(needle.len()).position(|window| window == needle).map(|at| at + from)
}

fn header<'a>(headers: &'a str, name: &str) -> Option<&'a str> {
    headers
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

fn attribute(headers: &str, name: &str) -> Option<String> {
    let disposition = header(headers, "content-disposition")?;
    let mut parts = disposition.split(';').filter_map(|part| part.split_once('='));
    parts.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().trim_matches('"').to_owned())
}
