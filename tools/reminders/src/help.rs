//! The command line's texts in the person's language.

use clap::{Arg, Command, CommandFactory};

use crate::arguments::Arguments;
use crate::language::Language;

/// Every text of `arguments`, and its Chinese.
const CHINESE: [(&str, &str); 53] = [
    ("Operates the reminders of a WeChat mini program", "运维微信小程序的到期提醒"),
    ("Name of the stack; by default reminders-dev", "堆栈名；默认 reminders-dev"),
    (
        "From nothing to the first message; again: from where it stopped",
        "从零到第一条消息；再次运行则从停下处继续",
    ),
    ("File with the answers, for scripts: nothing is asked", "写有回答的文件，供脚本使用：不再询问"),
    ("Deploy the archives in this folder instead of building them", "部署此文件夹里的压缩包，不编译"),
    (
        "A parameter of the template, as NAME=VALUE; may be given again",
        "模板参数，写成 NAME=VALUE；可多次给出",
    ),
    ("Stop after this step", "在这一步之后停下"),
    (
        "Who gets the test message: an openid; by default who logs in",
        "测试消息发给谁：openid；默认发给登录的人",
    ),
    ("Wait so long for a console, and for somebody to log in", "最多等这么久：等后台填好，等有人登录"),
    ("The stack's AWS region; by default that of the profile", "堆栈所在的 AWS 区域；默认取自 profile"),
    ("Profile of the AWS credentials, also one of SSO", "AWS 凭证的 profile，SSO 的也可以"),
    ("Ask the local world instead, as --local or --local=URL", "改问本地世界：--local 或 --local=URL"),
    ("Print what the stack answered, as JSON", "原样以 JSON 打印应答"),
    ("Ask nothing before what cannot be taken back", "不可撤销的操作之前不再询问"),
    ("Print help", "打印帮助"),
    ("Print the version", "打印版本"),
    ("Check everything around the code, and say what to do", "检查代码之外的一切，并说明该做什么"),
    ("The settings in force", "当前生效的配置"),
    ("Ids, titles and keywords of both accounts' templates", "两个账号的模板 id、标题和关键词"),
    ("What is left of today's quota, per call", "今天各接口还剩多少额度"),
    ("Who follows the service account", "谁关注了服务号"),
    ("One user", "单个用户"),
    (
        "Why somebody was, or was not, reminded: the story of one reminder",
        "为什么提醒了或没提醒：一条提醒的经过",
    ),
    ("Look again at what is due, or try again what rests", "重新检查到期的提醒，或重试搁置的提醒"),
    ("Send one user a test message", "给一个用户发测试消息"),
    ("Numbers of the last days", "最近几天的数字"),
    ("Show all this in a browser on this machine", "在本机的浏览器里看这一切"),
    ("Port on this machine; 0 takes a free one", "本机端口；0 表示任选空闲的"),
    ("Ends after so many minutes without a request", "这么多分钟没有请求就结束"),
    ("Print the completions for a shell", "打印 shell 的补全脚本"),
    ("Id of the reminder", "提醒的 id"),
    ("The user's openid at the mini program", "用户在小程序下的 openid"),
    ("Name of a template in the settings", "配置里的模板名"),
    ("How many days", "多少天"),
    ("Which shell", "哪种 shell"),
    ("Print the document in force", "打印当前的配置"),
    ("Replace the document as a whole", "整体替换配置"),
    ("File with the settings, - for standard input", "配置文件，- 表示标准输入"),
    ("Only if this version is in force", "只有当前是这个版本才替换"),
    ("Change the document in an editor", "在编辑器里修改配置"),
    ("The versions that are kept", "保留着的各个版本"),
    ("Put an old version anew", "把旧版本重新写入"),
    ("Which version", "哪个版本"),
    ("Learn everybody who follows already", "把已经关注的人都认下来"),
    ("Where an interrupted sync goes on: next_openid", "中断的同步从哪里继续：next_openid"),
    ("What is known of a user, without their words", "关于一个用户知道些什么，不含其文字"),
    ("Whose a reminder is", "一条提醒是谁的"),
    (
        "Everything stored about a user, as JSON: personal data",
        "存有的关于一个用户的一切，JSON：属于个人信息",
    ),
    ("Forget a user: nothing of theirs is sent or shown any more", "删除一个用户：其一切不再发送和显示"),
    (
        "Everything since this instant, as 2027-01-30T00:00:00+08:00",
        "此刻以来的一切，如 2027-01-30T00:00:00+08:00",
    ),
    ("Everything that rests of this template", "此模板搁置的一切"),
    ("Also try what rests undeliverable", "也重试送不到而搁置的"),
    (
        "Also try what may have been sent: it can be a second message",
        "也重试可能已发出的：可能发出第二条消息",
    ),
];

pub(crate) fn command(language: Language) -> Command {
    let command = Arguments::command();
    match language {
        Language::English => command,
        Language::Chinese => translated(command),
    }
}

fn translated(command: Command) -> Command {
    let about = command.get_about().map(ToString::to_string);
    let command = command
        .mut_args(argument)
        .mut_subcommands(translated)
        .subcommand_help_heading("命令")
        .help_template("{about}\n\n用法：{usage}\n\n{all-args}")
        .subcommand_value_name("命令");
    match about.as_deref().and_then(chinese) {
        Some(about) => command.about(about),
        None => command,
    }
}

fn argument(argument: Arg) -> Arg {
    let heading = if argument.is_positional() { "参数" } else { "选项" };
    let help = argument.get_help().map(ToString::to_string);
    let argument = argument.help_heading(heading);
    match help.as_deref().and_then(chinese) {
        Some(help) => argument.help(help),
        None => argument,
    }
}

/// A text without a Chinese one stays as it is; a test knows that there is none.
fn chinese(english: &str) -> Option<&'static str> {
    CHINESE.iter().find(|(text, _)| *text == english).map(|(_, chinese)| *chinese)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(command: &Command) -> Vec<String> {
        let about = command.get_about().map(ToString::to_string);
        let arguments =
            command.get_arguments().filter_map(|argument| argument.get_help()).map(ToString::to_string);
        let below = command.get_subcommands().flat_map(texts);
        about.into_iter().chain(arguments).chain(below).collect()
    }

    #[test]
    fn every_text_of_the_command_line_has_its_chinese() {
        let mut command = Arguments::command();
        command.build();
        for text in texts(&command) {
            assert!(chinese(&text).is_some(), "no Chinese of {text:?}");
        }
    }

    #[test]
    fn the_command_line_is_well_formed_in_both_languages() {
        for language in [Language::English, Language::Chinese] {
            command(language).debug_assert();
        }
    }
}
