//! Pushes as the table has them: short, and readable for whoever looks there.

use jiff::Timestamp;

use super::pushes::{Before, PlannedPush, PushTime, Wish};
use crate::channel::Channel;
use crate::stored::{milliseconds, seconds};

/// As it is stored: `1:30d@09:00=1799715600` is the first, 30 days before at nine, and when that is; behind `>` when it
/// fires instead, and `!` at the end if its moment had gone by. `2m:1799715600` is the second, at that moment and by the channel
/// of this letter only.
impl From<PlannedPush> for String {
    fn from(push: PlannedPush) -> Self {
        let text = |at: Timestamp| seconds(at.as_millisecond());
        let wanted = push.wanted.stored();
        let channels = codes(&push.channels);
        let instead = match push.fires_at == push.meant_for {
            true => Self::new(),
            false => format!(">{}", text(push.fires_at)),
        };
        let meant_for = match push.wanted == PushTime::At(push.meant_for) {
            true => Self::new(),
            false => format!("={}", text(push.meant_for)),
        };
        let past = if push.past { "!" } else { "" };
        format!("{}{channels}:{wanted}{meant_for}{instead}{past}", push.n)
    }
}

impl TryFrom<String> for PlannedPush {
    type Error = &'static str;

    fn try_from(stored: String) -> Result<Self, Self::Error> {
        read_stored(&stored).ok_or("a planned push")
    }
}

fn read_stored(stored: &str) -> Option<PlannedPush> {
    let instant = |text: &str| Timestamp::from_millisecond(milliseconds(text)?).ok();
    let (rest, past) = stored.strip_suffix('!').map_or((stored, false), |rest| (rest, true));
    let (named, rest) = rest.split_once(':')?;
    let (n, channels) = named.split_at_checked(1)?;
    let (asked, instead) = rest.split_once('>').map_or((rest, None), |(asked, at)| (asked, Some(at)));
    let (wanted, meant_for) = asked.split_once('=').unwrap_or((asked, asked));
    let fires_at = instead.unwrap_or(meant_for);
    Some(PlannedPush {
        n: n.parse().ok()?,
        wanted: PushTime::of_stored(wanted)?,
        channels: of_codes(channels)?,
        meant_for: instant(meant_for)?,
        fires_at: instant(fires_at)?,
        past,
    })
}

/// As it is stored: `m:30d@09:00`, the channels' letters in front.
impl From<Wish> for String {
    fn from(wish: Wish) -> Self {
        format!("{}:{}", codes(&wish.channels), wish.wanted.stored())
    }
}

impl TryFrom<String> for Wish {
    type Error = &'static str;

    fn try_from(stored: String) -> Result<Self, Self::Error> {
        let read = || {
            let (channels, wanted) = stored.split_once(':')?;
            Some(Self { wanted: PushTime::of_stored(wanted)?, channels: of_codes(channels)? })
        };
        read().ok_or("a push that is wanted")
    }
}

impl PushTime {
    /// `30d@09:00`, or a moment in epoch seconds.
    fn stored(self) -> String {
        match self {
            Self::At(at) => seconds(at.as_millisecond()),
            Self::Relative { before, time } => {
                let ((count, code), time) = (before.code(), time.to_string());
                format!("{count}{code}@{}", time.strip_suffix(":00").unwrap_or(&time))
            }
        }
    }

    fn of_stored(stored: &str) -> Option<Self> {
        let Some((before, time)) = stored.split_once('@') else {
            return Timestamp::from_millisecond(milliseconds(stored)?).ok().map(Self::At);
        };
        let code = before.chars().last()?;
        let count = before.strip_suffix(code)?.parse().ok()?;
        Some(Self::Relative { before: Before::of_code(count, code)?, time: time.parse().ok()? })
    }
}

impl Before {
    fn of_code(count: u16, code: char) -> Option<Self> {
        Some(match code {
            'd' => Self::Days(count),
            'w' => Self::Weeks(count),
            'm' => Self::Months(count),
            _ => return None,
        })
    }

    fn code(self) -> (u16, char) {
        match self {
            Self::Days(count) => (count, 'd'),
            Self::Weeks(count) => (count, 'w'),
            Self::Months(count) => (count, 'm'),
        }
    }
}

fn codes(channels: &[Channel]) -> String {
    channels.iter().map(|channel| channel.code()).collect()
}

fn of_codes(codes: &str) -> Option<Vec<Channel>> {
    codes.chars().map(Channel::of_code).collect()
}
