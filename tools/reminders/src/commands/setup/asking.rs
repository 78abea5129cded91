//! Questions, each of whose answers is looked at before the next: asked again, with the reason, until it is one that can be
//! meant.

use reminder_core::settings::zone_named;

use super::words::Say;
use crate::failure::Failure;
use crate::language::Language;
use crate::terminal::Terminal;

/// Schedules carry names made of it (docs/deploy.md).
const STACK_CHARS_MAX: usize = 39;
const APPID_HEX_DIGITS: usize = 16;
const ORIGINAL_ID_CHARS_MIN: usize = 8;

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// AWS or the functions would refuse it.
    Wrong(Say),
    /// It is WeChat's, and unlike what WeChat gives out today. Typed once more it is taken.
    Odd(Say),
}

impl Doubt {
    pub(super) fn why(self) -> Say {
        match self {
            Self::Wrong(why) | Self::Odd(why) => why,
        }
    }
}

/// What Enter alone means.
#[derive(Debug, Clone, Copy)]
pub(super) enum Enter<'a> {
    AsksAgain,
    MeansNone,
    Means(&'a str),
}

/// What they type; with [`Enter::MeansNone`] perhaps nothing.
pub(super) fn asked(
    terminal: &mut Terminal<'_>,
    language: Language,
    question: &str,
    enter: Enter<'_>,
    doubt: impl Fn(&str) -> Option<Doubt>,
) -> Result<String, Failure> {
    let question = match enter {
        Enter::Means(usual) => format!("{question} [{usual}]: "),
        Enter::AsksAgain | Enter::MeansNone => format!("{question}: "),
    };
    let mut insisted = None;
    loop {
        let typed = terminal.ask(&question).ok_or(Failure::NotConfirmed)?;
        let answer = match (typed.is_empty(), enter) {
            (true, Enter::AsksAgain) => continue,
            (true, Enter::MeansNone) => return Ok(typed),
            (true, Enter::Means(usual)) => usual.to_owned(),
            (false, _) => typed,
        };
        match doubt(&answer) {
            None => return Ok(answer),
            Some(Doubt::Odd(_)) if insisted.as_ref() == Some(&answer) => return Ok(answer),
            Some(doubt) => terminal.complain(&language.say(doubt.why(), &[])),
        }
        insisted = Some(answer);
    }
}

/// CloudFormation's rule, and ours.
pub(super) fn stack(name: &str) -> Option<Doubt> {
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && name.len() <= STACK_CHARS_MAX;
    (!is_name).then_some(Doubt::Wrong(Say::NoStackName))
}

/// `ap-southeast-1`, `us-gov-west-1`: which there are, AWS knows.
pub(super) fn region(name: &str) -> Option<Doubt> {
    let parts: Vec<&str> = name.split('-').collect();
    let [area, places @ .., number] = &parts[..] else { return Some(Doubt::Wrong(Say::NoRegionName)) };
    let is_word = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_region = is_word(area)
        && !places.is_empty()
        && places.iter().all(is_word)
        && (1..=2).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit());
    (!is_region).then_some(Doubt::Wrong(Say::NoRegionName))
}

pub(super) fn appid(text: &str) -> Option<Doubt> {
    let digits = text.strip_prefix("wx").unwrap_or_default();
    let is_appid = digits.len() == APPID_HEX_DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    (!is_appid).then_some(Doubt::Odd(Say::OddAppId))
}

pub(super) fn original_id(text: &str) -> Option<Doubt> {
    let is_id = text.starts_with("gh_") && text.len() >= ORIGINAL_ID_CHARS_MIN;
    (!is_id).then_some(Doubt::Odd(Say::OddOriginalId))
}

pub(super) fn timezone(name: &str) -> Option<Doubt> {
    zone_named(name).is_none().then_some(Doubt::Wrong(Say::NoTimezone))
}

/// One of these words.
pub(super) fn one_of(words: &[&str], otherwise: Say) -> impl Fn(&str) -> Option<Doubt> {
    move |answer| (!words.contains(&answer)).then_some(Doubt::Wrong(otherwise))
}

/// The place of one in a list of so many, or 0.
pub(super) fn number(count: usize) -> impl Fn(&str) -> Option<Doubt> {
    move |answer| {
        let number = answer.parse::<usize>().ok().filter(|number| *number <= count);
        number.is_none().then_some(Doubt::Wrong(Say::NoSuchNumber))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_that_cannot_be_meant_are_doubted() {
        type Judge = fn(&str) -> Option<Doubt>;
        let forty = "a".repeat(STACK_CHARS_MAX + 1);
        let cases: [(Judge, &[&str], &[&str]); 5] = [
            (
                stack,
                &["reminders", "A", "reminders-dev-2", &forty[1..]],
                &["", "2nd", "-x", "my stack", "re_minders", "提醒", &forty],
            ),
            (
                region,
                &["ap-southeast-1", "ap-east-1", "cn-north-1", "us-gov-west-1", "us-iso-east-1", "xx-new-12"],
                &[
                    "",
                    "singapore",
                    "Singapore",
                    "ap-southeast",
                    "ap-southeast-1a",
                    "AP-EAST-1",
                    "ap--1",
                    "-ap-1",
                    "ap-1",
                ],
            ),
            (
                appid,
                &["wxf4fcba1c3696bf9b", "wx91834D4821dcd40f"],
                &[
                    "gh_1a167145186f",
                    "564c7dac9b0062f5097331f9ae8787d9",
                    "wx1",
                    "wxf4fcba1c3696bf9bx",
                    "WXf4fcba1c3696bf9b",
                ],
            ),
            (original_id, &["gh_1a167145186f"], &["gh_", "wx91834d4821dcd40f", "my-account"]),
            (timezone, &["Asia/Shanghai", "asia/shanghai", "UTC"], &["Beijing", "", "+08:00", "Etc/Unknown"]),
        ];
        for (judge, fine, doubted) in cases {
            for answer in fine {
                assert_eq!(judge(answer), None, "{answer}");
            }
            for answer in doubted {
                assert!(judge(answer).is_some(), "{answer}");
            }
        }
        let ways = one_of(&["HttpApi", "Both"], Say::NoSuchWay);
        assert_eq!((ways("Both"), ways("both")), (None, Some(Doubt::Wrong(Say::NoSuchWay))));
        let of_three = number(3);
        assert_eq!((of_three("0"), of_three("3")), (None, None));
        for answer in ["4", "-1", "one", ""] {
            assert_eq!(of_three(answer), Some(Doubt::Wrong(Say::NoSuchNumber)), "{answer}");
        }
    }

    #[test]
    fn a_question_is_asked_until_its_answer_can_be_meant() {
        let odd = "wx-of-tomorrow";
        type Judge = fn(&str) -> Option<Doubt>;
        let cases: [(Judge, Enter<'_>, &str, Option<&str>, usize); 9] = [
            (region, Enter::AsksAgain, "\n\nap-east-1\n", Some("ap-east-1"), 0),
            (region, Enter::Means("ap-east-1"), "\n", Some("ap-east-1"), 0),
            (
                region,
                Enter::Means("ap-east-1"),
                "Singapore\nSingapore\nap-southeast-1\n",
                Some("ap-southeast-1"),
                2,
            ),
            (region, Enter::Means("ap-east-1"), "Singapore\n\n", Some("ap-east-1"), 1),
            (region, Enter::AsksAgain, "Singapore\n", None, 1),
            (appid, Enter::AsksAgain, &format!("{odd}\n{odd}\n"), Some(odd), 1),
            (appid, Enter::AsksAgain, &format!("{odd}\nother\n{odd}\n"), None, 3),
            (original_id, Enter::MeansNone, "\n", Some(""), 0),
            (original_id, Enter::MeansNone, "", None, 0),
        ];
        for (judge, enter, typed, answered, told) in cases {
            let (mut out, mut err, mut input) = (Vec::new(), Vec::new(), typed.as_bytes());
            let mut terminal = Terminal {
                out: &mut out,
                err: &mut err,
                input: &mut input,
                interactive: true,
                editor: String::new(),
                variable: |_| None,
                unseen: None,
            };
            let answer = asked(&mut terminal, Language::English, "Which", enter, judge).ok();
            let said = String::from_utf8(err).expect("text");
            assert_eq!(answer.as_deref(), answered, "{typed:?}: {said}");
            let reasons =
                said.lines().filter(|line| line.contains("such as") || line.contains("looks")).count();
            assert_eq!(reasons, told, "{typed:?}: {said}");
        }
    }
}
