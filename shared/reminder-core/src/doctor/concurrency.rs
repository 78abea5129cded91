//! Can a flood on one function starve the others? All functions of an AWS account and region share so many executions at
//! a time, but for what is reserved.
//!
//! No function may ask Lambda how many these are, so the template says what it reserves (`RESERVED_CONCURRENCY`), and the
//! operator is told how to learn the rest.

use wechat::{Said, said};

use super::finding::Finding;
use crate::app::App;

const CHECK: &str = "concurrency";

/// What AWS gives an account that has asked for nothing, once it is not new any more.
const USUAL_LIMIT: u32 = 1000;
/// AWS wants so many left to functions without a reservation (docs/aws.md).
const UNRESERVED_MIN: u32 = 100;
/// Of what may be reserved; the rest of the account is for whatever else runs there.
const RESERVABLE_PERCENT: u32 = 80;

/// How many executions at a time each function is assured of, and held to. `None`: it shares what nobody reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reserved {
    callback: Option<u32>,
    api: Option<u32>,
    dispatch: Option<u32>,
}

impl Reserved {
    /// Reads `callback=20,api=-1,dispatch=20`.
    fn read(text: &str) -> Option<Self> {
        let mut left = text.split(',');
        let mut next = |name: &str| {
            let number = left.next()?.strip_prefix(name)?.strip_prefix('=')?.parse::<i64>().ok()?;
            if number == -1 { Some(None) } else { u32::try_from(number).ok().map(Some) }
        };
        let read = Self { callback: next("callback")?, api: next("api")?, dispatch: next("dispatch")? };
        left.next().is_none().then_some(read)
    }

    fn each(self) -> [(&'static str, Option<u32>); 3] {
        [("callback", self.callback), ("api", self.api), ("dispatch", self.dispatch)]
    }

    /// A fifth for WeChat, whose patience is short, two for users, a fifth for what is due: as much of an account with this
    /// limit as AWS lets reserve. `None` where that is too little to be shared out.
    fn proposed(limit: u32) -> Option<Self> {
        let reservable = (limit * RESERVABLE_PERCENT / 100).min(limit.saturating_sub(UNRESERVED_MIN));
        let quarter = reservable / 4;
        (quarter > 0).then_some(Self {
            callback: Some(quarter),
            api: Some(2 * quarter),
            dispatch: Some(quarter),
        })
    }
}

/// What a flood does with these reservations.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// Switched off, and nothing runs there at all.
    Off(Vec<&'static str>),
    /// Anybody can flood one of the first and thereby starve the others.
    Starves {
        flooded: Vec<&'static str>,
        starved: Vec<&'static str>,
    },
    Apart,
}

fn judge(reserved: Reserved) -> Verdict {
    let off: Vec<_> =
        reserved.each().into_iter().filter(|(_, n)| *n == Some(0)).map(|(name, _)| name).collect();
    if !off.is_empty() {
        return Verdict::Off(off);
    }
    let sharing: Vec<_> =
        reserved.each().into_iter().filter(|(_, n)| n.is_none()).map(|(name, _)| name).collect();
    // Only Scheduler and ourselves call dispatch.
    let flooded: Vec<_> = sharing.iter().copied().filter(|name| *name != "dispatch").collect();
    let starved: Vec<_> =
        sharing.into_iter().filter(|name| flooded.iter().any(|other| other != name)).collect();
    if starved.is_empty() { Verdict::Apart } else { Verdict::Starves { flooded, starved } }
}

pub(super) fn check(app: &App, findings: &mut Vec<Finding>) {
    findings.push(match &app.reserved_concurrency {
        None => Finding::skipped(
            CHECK,
            said!(
                "Nobody says what is reserved for the functions (RESERVED_CONCURRENCY).",
                "没有说明各函数预留了多少并发（RESERVED_CONCURRENCY）。"
            ),
        ),
        Some(text) => match Reserved::read(text) {
            None => Finding::warning(
                CHECK,
                said!("RESERVED_CONCURRENCY is {text:?}.", "RESERVED_CONCURRENCY 是 {text:?}。"),
                said!(
                    "It is callback=N,api=N,dispatch=N, as template.yaml writes it; -1 reserves nothing.",
                    "应写成 callback=N,api=N,dispatch=N（见 template.yaml），-1 表示不预留。"
                ),
            ),
            Some(reserved) => finding(judge(reserved)),
        },
    });
}

fn finding(verdict: Verdict) -> Finding {
    match verdict {
        Verdict::Apart => Finding::ok(
            CHECK,
            said!(
                "No flood on one public function can take the others' executions.",
                "一个公开函数被刷，占不掉别的函数的并发。"
            ),
        ),
        Verdict::Off(off) => {
            let off = off.join(", ");
            Finding::warning(
                CHECK,
                said!(
                    "Switched off, by a reserved concurrency of 0: {off}.",
                    "预留并发为 0，已停用：{off}。"
                ),
                said!(
                    "If that is not meant, deploy another number: -1, or what is to be reserved.",
                    "不是有意的话，换个数重新部署：-1（不预留），或要预留的数。"
                ),
            )
        }
        Verdict::Starves { flooded, starved } => {
            let flooded = Said { english: flooded.join(" or "), chinese: flooded.join(" 或 ") };
            let starved = Said { english: starved.join(", "), chinese: starved.join("、") };
            let what = said!(
                "A flood on {flooded} can take all executions that the account may have at a time; nothing is reserved for {starved}.",
                "{flooded} 被刷时，会占满账号的全部并发；没有给 {starved} 预留。",
                flooded,
                starved
            );
            Finding::warning(CHECK, what, advice())
        }
    }
}

fn advice() -> Said {
    let usual = Reserved::proposed(USUAL_LIMIT).map_or_else(Said::default, |reserved| {
        let one = |(name, number): (&str, Option<u32>)| format!("{name} {}", number.unwrap_or_default());
        let each = reserved.each().map(one);
        let each = Said { english: each.join(", "), chinese: each.join("、") };
        said!(", so of {USUAL_LIMIT}: {each}", "（例如共 {USUAL_LIMIT}：{each}）", each)
    });
    said!(
        "Ask how many there are: aws lambda get-account-settings --query AccountLimit.ConcurrentExecutions. Then deploy with CallbackReservedConcurrency, ApiReservedConcurrency and DispatchReservedConcurrency at 20 %, 40 % and 20 % of them{usual}; AWS wants {UNRESERVED_MIN} left unreserved. With {UNRESERVED_MIN} or fewer, such as the 10 of a new account, nothing can be reserved: have the quota raised first.",
        "先查总数：aws lambda get-account-settings --query AccountLimit.ConcurrentExecutions。再按它的 20%、40%、20% 填 CallbackReservedConcurrency、ApiReservedConcurrency、DispatchReservedConcurrency 重新部署{usual}；AWS 要求留 {UNRESERVED_MIN} 个不预留。总数不超过 {UNRESERVED_MIN} 时（新账号只有 10）一个也预留不了，先申请提额。",
        usual
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reserved(callback: u32, api: u32, dispatch: u32) -> Reserved {
        Reserved { callback: Some(callback), api: Some(api), dispatch: Some(dispatch) }
    }

    #[test]
    fn what_the_template_writes_is_read_and_nothing_else() {
        for (text, expected) in [
            ("callback=200,api=400,dispatch=200", Some(reserved(200, 400, 200))),
            ("callback=-1,api=-1,dispatch=-1", Some(Reserved { callback: None, api: None, dispatch: None })),
            ("callback=-1,api=0,dispatch=7", Some(Reserved { callback: None, ..reserved(0, 0, 7) })),
            ("callback=-2,api=0,dispatch=7", None),
            ("callback=,api=0,dispatch=7", None),
            ("api=1,callback=1,dispatch=1", None),
            ("callback=1,api=1", None),
            ("callback=1,api=1,dispatch=1,operations=1", None),
            ("", None),
        ] {
            assert_eq!(Reserved::read(text), expected, "{text}");
        }
    }

    #[test]
    fn proposals_leave_what_aws_wants_left() {
        for (limit, expected) in [
            (0, None),
            (10, None),
            (100, None),
            (103, None),
            (104, Some(reserved(1, 2, 1))),
            (200, Some(reserved(25, 50, 25))),
            (500, Some(reserved(100, 200, 100))),
            (USUAL_LIMIT, Some(reserved(200, 400, 200))),
            (3000, Some(reserved(600, 1200, 600))),
        ] {
            let proposed = Reserved::proposed(limit);
            assert_eq!(proposed, expected, "{limit}");
            if let Some(proposed) = proposed {
                let taken: u32 = proposed.each().iter().filter_map(|(_, number)| *number).sum();
                assert!(limit - taken >= UNRESERVED_MIN, "{limit}");
                assert_eq!(judge(proposed), Verdict::Apart, "{limit}");
            }
        }
    }

    #[test]
    fn a_function_without_reservation_starves_by_a_flood_on_another_public_one_without() {
        let starves = |flooded: &[&'static str], starved: &[&'static str]| Verdict::Starves {
            flooded: flooded.to_vec(),
            starved: starved.to_vec(),
        };
        for (text, expected) in [
            (
                "callback=-1,api=-1,dispatch=-1",
                starves(&["callback", "api"], &["callback", "api", "dispatch"]),
            ),
            ("callback=-1,api=-1,dispatch=20", starves(&["callback", "api"], &["callback", "api"])),
            ("callback=20,api=-1,dispatch=-1", starves(&["api"], &["dispatch"])),
            ("callback=-1,api=40,dispatch=-1", starves(&["callback"], &["dispatch"])),
            // One alone has what is left to itself.
            ("callback=-1,api=40,dispatch=20", Verdict::Apart),
            ("callback=20,api=-1,dispatch=20", Verdict::Apart),
            ("callback=20,api=40,dispatch=-1", Verdict::Apart),
            ("callback=20,api=40,dispatch=20", Verdict::Apart),
            ("callback=-1,api=-1,dispatch=0", Verdict::Off(vec!["dispatch"])),
            ("callback=0,api=0,dispatch=20", Verdict::Off(vec!["callback", "api"])),
        ] {
            assert_eq!(Reserved::read(text).map(judge), Some(expected), "{text}");
        }
    }
}
