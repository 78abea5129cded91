//! Parametric QR codes of the service account: tickets, their pictures, and what scanning one yields
//! (docs/wechat.md §8).
//!
//! The picture is a grey square, not a code: a person in this world scans by naming the picture's address.
//! Its comment carries the ticket, so that a copy of the picture can be scanned as well.

use axum::extract::Query;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use jiff::{SignedDuration, Timestamp};

use super::random::Random;

/// A number or a string, as it was given to `qrcode/create`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scene {
    Id(i64),
    Text(String),
}

impl Scene {
    /// As an event writes it, without `qrscene_`.
    pub(crate) fn event_key(&self) -> String {
        match self {
            Self::Id(id) => id.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct QrCode {
    pub(crate) ticket: String,
    pub(crate) url: String,
    pub(crate) scene: Scene,
    /// `None`: permanent.
    expires_at: Option<Timestamp>,
}

impl QrCode {
    pub(crate) fn is_alive(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|expires_at| now < expires_at)
    }
}

#[derive(Debug, Default)]
pub(crate) struct QrCodes {
    issued: Vec<QrCode>,
}

impl QrCodes {
    pub(crate) fn create(
        &mut self,
        scene: Scene,
        life: Option<SignedDuration>,
        now: Timestamp,
        random: &mut Random,
    ) -> &QrCode {
        // 70 bytes end in one padding sign and hold the two symbols that a URL must escape.
        let ticket = format!("gQ{}", STANDARD.encode(random.bytes::<70>()));
        let url = format!("http://weixin.qq.com/q/{}", random.letters_and_digits(22));
        let expires_at = life.map(|life| now + life);
        self.issued.push(QrCode { ticket, url, scene, expires_at });
        &self.issued[self.issued.len() - 1]
    }

    pub(crate) fn urls(&self) -> Vec<String> {
        self.issued.iter().map(|code| code.url.clone()).collect()
    }

    pub(crate) fn by_ticket(&self, ticket: &str) -> Option<&QrCode> {
        self.issued.iter().find(|code| code.ticket == ticket)
    }

    /// The code behind the address of its picture, or behind the `url` of the create answer.
    pub(crate) fn by_image_url(&self, image_url: &str) -> Option<&QrCode> {
        if let Some(code) = self.issued.iter().find(|code| code.url == image_url) {
            return Some(code);
        }
        let Query(query) =
            Query::<Vec<(String, String)>>::try_from_uri(&image_url.parse::<Uri>().ok()?).ok()?;
        let (_, ticket) = query.into_iter().find(|(name, _)| name == "ticket")?;
        self.by_ticket(&ticket)
    }

    /// The code that one of our own pictures shows.
    pub(crate) fn by_picture(&self, bytes: &[u8]) -> Option<&QrCode> {
        self.issued.iter().find(|code| picture(&code.ticket) == bytes)
    }
}

/// A JPEG of 8 × 8 grey pixels with the ticket as its comment: one quantisation table of ones, two Huffman
/// tables with one code each, and a block that says "no change" and "end".
pub(crate) fn picture(ticket: &str) -> Vec<u8> {
    let mut jpeg = vec![0xff, 0xd8];
    segment(&mut jpeg, 0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    segment(&mut jpeg, 0xfe, ticket.as_bytes());
    segment(&mut jpeg, 0xdb, &[&[0][..], &[1; 64]].concat());
    segment(&mut jpeg, 0xc0, &[8, 0, 8, 0, 8, 1, 1, 0x11, 0]);
    for class in [0x00, 0x10] {
        let one_code_of_one_bit = [&[class, 1][..], &[0; 15], &[0]].concat();
        segment(&mut jpeg, 0xc4, &one_code_of_one_bit);
    }
    segment(&mut jpeg, 0xda, &[1, 1, 0, 0, 63, 0]);
    jpeg.extend_from_slice(&[0b0011_1111, 0xff, 0xd9]);
    jpeg
}

fn segment(jpeg: &mut Vec<u8>, marker: u8, content: &[u8]) {
    let length = u16::try_from(content.len() + 2).expect("segments are short");
    jpeg.extend_from_slice(&[0xff, marker]);
    jpeg.extend_from_slice(&length.to_be_bytes());
    jpeg.extend_from_slice(content);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_by_the_address_of_its_picture_by_its_url_and_by_its_picture() {
        let (mut codes, mut random) = (QrCodes::default(), Random::new(7));
        let now = Timestamp::from_second(1_800_000_000).expect("a valid instant");
        let life = Some(SignedDuration::from_secs(60));
        let code = codes.create(Scene::Text("bind:1".to_owned()), life, now, &mut random).clone();
        let escaped = code.ticket.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        for image_url in
            [format!("http://127.0.0.1:9003/cgi-bin/showqrcode?ticket={escaped}"), code.url.clone()]
        {
            let found = codes.by_image_url(&image_url).expect("one of ours");
            assert_eq!(found.scene.event_key(), "bind:1", "{image_url}");
        }
        assert!(codes.by_image_url("http://weixin.qq.com/q/other").is_none());
        assert!(codes.by_image_url("http://mp.weixin.qq.com/cgi-bin/showqrcode?ticket=other").is_none());
        assert!(codes.by_picture(&picture(&code.ticket)).is_some());
        assert!(code.is_alive(now + SignedDuration::from_secs(59)));
        assert!(!code.is_alive(now + SignedDuration::from_secs(60)));
    }
}
