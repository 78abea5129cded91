//! Every message in both languages, once. `{}` stands for a value, in the same order in both.

use std::fmt::Display;

use crate::language::Language;

/// Messages: the text of each in both languages.
pub(crate) trait Words: Copy {
    fn texts(self) -> (&'static str, &'static str);
}

macro_rules! words {
    ($words:ident { $($(#[$doc:meta])* $name:ident: $english:literal, $chinese:literal;)* }) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum $words { $($(#[$doc])* $name),* }

        impl $crate::words::Words for $words {
            fn texts(self) -> (&'static str, &'static str) {
                match self { $(Self::$name => ($english, $chinese)),* }
            }
        }

        #[cfg(test)]
        #[test]
        fn both_languages_say_the_same_number_of_things() {
            use $crate::words::Words;

            for word in [$($words::$name),*] {
                let (english, chinese) = word.texts();
                assert_eq!(english.matches('{').count(), chinese.matches('{').count(), "{word:?}");
                let is_chinese = chinese.chars().any(|character| character > '\u{2e80}');
                assert!(is_chinese && !english.is_empty(), "{word:?}");
            }
        }
    };
}
pub(crate) use words;

words! { Word {
    // ---- what went wrong
    NoRegion: "which region? Give --region, or a profile that has one", "哪个区域？请给 --region，或用带区域的 profile";
    NoFunction: "there is no function {} in {}: is --stack the stack's name, and --region its region?",
        "{} 不在 {}：--stack 是堆栈名吗？--region 是它的区域吗？";
    AwsRefused: "AWS does not let {} be called: {} {}", "AWS 不允许调用 {}：{} {}";
    AwsUnreachable: "{} in {} cannot be reached: {}\nAre there AWS credentials? Try `aws sso login`, or --profile",
        "连不上 {}（{}）：{}\n有 AWS 凭证吗？试试 `aws sso login`，或给 --profile";
    NoLocalWorld: "there is no local world at {}: `cargo run` starts one", "{} 没有本地世界：`cargo run` 可以启动";
    LocalUrl: "--local takes an http address of this machine, not {}", "--local 要本机的 http 地址，而不是 {}";
    FieldsWrong: "these fields are wrong, and nothing was done:", "以下字段有误，什么都没做：";
    FunctionFailed: "the function failed: {}", "函数出错：{}";
    OperationUnknown: "the stack does not know this operation yet: deploy the version that this program is of",
        "这个堆栈还没有此操作：请部署与本程序同版本的代码";
    NoFile: "{} cannot be read: {}", "读不了 {}：{}";
    NoJson: "{} is no JSON: {}", "{} 不是 JSON：{}";
    NeedsYes: "this cannot be taken back, and nobody is there to be asked: add --yes", "此操作不可撤销，又没有人可问：请加 --yes";
    NotConfirmed: "nothing was done", "什么都没做";

    // ---- questions
    YesOrNo: "[yes/no]", "[是/否]";
    PutSettings: "Replace the settings at {}?", "替换 {} 的配置？";
    ForgetUser: "Forget {} at {}? Nothing of theirs will be sent or shown any more.", "在 {1} 删除 {0}？其一切不再发送和显示。";
    SendAgain: "Try again what may have been sent, at {}? Users may get a second message.", "在 {} 重试可能已发出的？用户可能收到第二条消息。";

    // ---- what was done
    SettingsVersion: "version {}, put at {}", "版本 {}，写入于 {}";
    Warning: "warning: {}", "注意：{}";
    SettingsPut: "the settings are now version {}", "配置现在是版本 {}";
    RestoreSettings: "Put version {} of the settings anew at {}?", "把版本 {} 的配置重新写入 {}？";
    EditAgain: "Edit again?", "再改一次？";
    NoChange: "nothing was changed", "没有改动";
    NoEditor: "the editor {} cannot be used: {}", "编辑器 {} 用不了：{}";
    NeedsTerminal: "an editor needs a terminal", "编辑器需要终端";
    MadeFrom: "made from version {}", "改自版本 {}";
    InForce: "in force", "生效中";
    Forgotten: "forgotten since {}", "已删除，自 {} 起";
    SyncedSoFar: "{} so far", "已同步 {}";
    SyncContinues: "to go on: reminders followers sync --from {}", "继续：reminders followers sync --from {}";
    SyncedAll: "{} followers are known; {} WeChat told nothing of", "已知 {} 个关注者；另有 {} 个微信没有给出信息";
    LookedAt: "{} reminders were looked at", "检查了 {} 条提醒";
    LookMore: "there is more: run it again", "还有更多：请再运行一次";
    Armed: "job {}: begins at {}; `reminders doctor` says how far it is", "任务 {}：{} 开始；`reminders doctor` 会说进展";
    Find: "reminder {} is of {}", "提醒 {} 属于 {}";

    // ---- the console
    ConsoleAt: "{}\nOpen it on this machine. It ends after {} minutes without a request, or by Ctrl-C.",
        "{}\n请在本机打开。{} 分钟没有请求，或按 Ctrl-C，就结束。";
    ConsoleTitle: "Reminders at {}", "提醒：{}";
    ConsoleDoctor: "Doctor", "体检";
    ConsoleSettings: "Settings", "配置";
    ConsoleTemplates: "Templates", "模板";
    ConsoleQuota: "Quota", "额度";
    ConsoleStats: "The last 7 days", "最近 7 天";
    ConsoleUser: "A user, by openid", "用户（openid）";
    ConsoleWhy: "A reminder, by its id", "提醒（id）";
    ConsoleShow: "Show", "查看";
    ConsoleVersion: "Version {}; what is put replaces the whole", "第 {} 版；提交后整份替换";
    ConsolePut: "Put", "提交";
    ConsoleNothing: "There is no such page.", "没有这个页面。";
    PortTaken: "port {} cannot be listened on: {}", "无法监听端口 {}：{}";

    // ---- the doctor
    Healthy: "nothing is wrong", "一切正常";
    Unhealthy: "{} to mend, {} to look at", "{} 项要修，{} 项要看";
    StatusOk: "ok", "正常";
    StatusWarning: "warning", "注意";
    StatusFailed: "FAILED", "失败";
    StatusSkipped: "skipped", "跳过";

    // ---- the story of a reminder
    StoryHead: "“{}” ({}), expires {}", "“{}”（{}），{} 到期";
    StoryIds: "reminder {}, {}, of {}", "提醒 {}，{}，用户 {}";
    StoryZone: "All times are of {}.", "以下时间均为 {}。";
    StoryUser: "The user: {}.", "用户：{}。";
    StoryPush: "push {}, for {}: {}", "第 {} 次，定在 {}：{}";
    StoryAtOnce: "push {}, at once, about {}: {}", "第 {} 次，马上，约 {}：{}";
    StoryBy: "by {}", "通道 {}";
    StoryWhy: "because: {}", "原因：{}";
    StoryTried: "attempts: {}", "尝试：{} 次";
    StoryNext: "looked at again {}", "{} 再看";
    StoryRefused: "refused by {}", "被拒于 {}";
    StoryTimeline: "What happened:", "经过：";
    StoryDropped: "({} older entries were dropped)", "（更早的 {} 条已略去）";
    TimelinePush: "push {}", "第 {} 次";
    Follows: "follows the service account", "关注了服务号";
    FollowsNot: "does not follow the service account", "没关注服务号";
    Linked: "linked", "已关联";
    LinkedNot: "not linked", "未关联";
    Blocks: "blocks its messages", "屏蔽了消息";
    CreditsOf: "accepted prompts of {}: {}", "{} 的授权：{}";
    CreditsNone: "no accepted prompt left", "没有剩余授权";
    UserGone: "nothing is known of them any more", "已无任何资料";

    // ---- states (docs/errors.md)
    Active: "active", "进行中";
    Done: "done", "已处理";
    Expired: "expired", "已过期";
    Deleted: "deleted", "已删除";
    Scheduled: "scheduled: waits for its moment", "等时间到（scheduled）";
    Sending: "sending: an attempt is under way, or its outcome is being found out", "正在发，或正在查结果（sending）";
    Retrying: "retrying: not sent so far, will be tried again", "还没发出，会再试（retrying）";
    Sent: "sent: WeChat took it, no receipt yet", "微信收下了，还没有回执（sent）";
    Delivered: "delivered: WeChat's receipt says that it arrived", "微信的回执说送到了（delivered）";
    Unknown: "unknown: perhaps sent, no receipt came", "可能发出了，没等到回执（unknown）";
    Undeliverable: "undeliverable: no channel reaches the user", "没有通道送得到（undeliverable）";
    Skipped: "skipped", "跳过（skipped）";
    Cancelled: "cancelled: done or deleted before", "先被处理或删除了（cancelled）";

    // ---- reasons (docs/errors.md)
    NotFollowing: "the user does not follow the service account", "用户没关注服务号";
    NotLinked: "nobody knows the user's openid at the service account", "不知道用户在服务号下的 openid";
    NoCredit: "no accepted prompt is left", "没有可用的授权次数";
    NoSubscription: "the long-term subscription was not granted, or was withdrawn", "没有长期订阅，或用户撤回了";
    NoServiceAccount: "the secrets have no service account", "密钥里没有服务号";
    TemplateNotInSettings: "the settings have no template of this name any more", "配置里没有这个名字的模板了";
    UserUnknown: "the user was forgotten", "用户的数据已被删除";
    QuietHours: "it waits for the quiet hours to end", "在等免打扰时段结束";
    Past: "its moment had passed when it was saved", "保存时它的时刻已经过去";
    ToldAlready: "another push of the item told it first", "同一物品的另一次提醒先告知了";
    RefusedThere: "WeChat refused it there", "微信在这条通道上拒绝了";
} }

impl Language {
    pub(crate) fn say(self, word: impl Words, values: &[&dyn Display]) -> String {
        let (english, chinese) = word.texts();
        fill(if self == Self::English { english } else { chinese }, values)
    }
}

/// `{}` is the next value, `{1}` the second.
fn fill(text: &str, values: &[&dyn Display]) -> String {
    let mut next = values.iter();
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or(("", after));
        let value = match name.parse::<usize>() {
            Ok(n) => values.get(n),
            Err(_) => next.next(),
        };
        filled.push_str(before);
        filled.push_str(&value.map(ToString::to_string).unwrap_or_default());
        rest = after;
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_where_the_text_wants_them() {
        for (text, said) in
            [("{} and {}", "a and b"), ("{1}, then {0}", "b, then a"), ("none", "none"), ("{} {} {}", "a b ")]
        {
            assert_eq!(fill(text, &[&"a", &"b"]), said);
        }
    }
}
