//! A wrong command line, told in the person's language. In English clap tells it; here is what it says in Chinese, of the
//! kinds that this command line can meet.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::language::Language;

pub(crate) fn told(error: &clap::Error, language: Language) -> String {
    match language {
        Language::English => error.render().to_string(),
        Language::Chinese => chinese(error),
    }
}

fn chinese(error: &clap::Error) -> String {
    let of = |kind| error.get(kind).map(text).unwrap_or_default();
    let argument = of(ContextKind::InvalidArg);
    let value = of(ContextKind::InvalidValue);
    let fault = match error.kind() {
        ErrorKind::MissingRequiredArgument => format!("缺少：{argument}"),
        ErrorKind::UnknownArgument => format!("没有这个参数：{argument}"),
        ErrorKind::InvalidSubcommand => format!("没有这个命令：{}", of(ContextKind::InvalidSubcommand)),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            format!("缺少命令，可以是：{}", of(ContextKind::ValidSubcommand))
        }
        ErrorKind::InvalidValue if value.is_empty() => format!("{argument} 缺少值"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => format!("{argument} 的值不对：{value}"),
        ErrorKind::ArgumentConflict => format!("{argument} 不能和 {} 一起用", of(ContextKind::PriorArg)),
        ErrorKind::NoEquals => format!("{argument} 要写成 --选项=值"),
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("{argument} 的值的个数不对")
        }
        _ => return error.render().to_string(),
    };
    let allowed = of(ContextKind::ValidValue);
    let mut lines = vec![format!("错误：{fault}")];
    lines.extend((!allowed.is_empty()).then(|| format!("  可以是：{allowed}")));
    for kind in [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue] {
        let meant = of(kind);
        lines.extend((!meant.is_empty()).then(|| format!("  是不是要写：{meant}")));
    }
    let usage = of(ContextKind::Usage);
    lines.extend((!usage.is_empty()).then(|| usage.replacen("Usage:", "用法：", 1)));
    lines.push("用 --help 查看说明。".to_owned());
    lines.join("\n")
}

fn text(value: &ContextValue) -> String {
    match value {
        ContextValue::String(one) => one.clone(),
        ContextValue::Strings(several) => several.join("、"),
        ContextValue::StyledStr(one) => one.to_string(),
        ContextValue::StyledStrs(several) => {
            several.iter().map(ToString::to_string).collect::<Vec<_>>().join("、")
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::help::command;

    fn check(words: &str, wanted: &str) {
        let line = std::iter::once("reminders").chain(words.split_whitespace());
        let error = command(Language::Chinese).try_get_matches_from(line).expect_err("a wrong command line");
        let told = told(&error, Language::Chinese);
        assert!(told.contains(wanted), "{words}: {told}");
        let english = ["error:", "Usage:", "required", "unexpected", "For more", "possible", "invalid"];
        let found = english.iter().find(|word| told.contains(**word));
        assert_eq!(found, None, "{words}: {told}");
    }

    #[test]
    fn what_is_wrong_with_a_command_line_is_said_in_chinese() {
        for (words, wanted) in [
            ("nope", "没有这个命令：nope"),
            ("settings put", "缺少：<FILE>"),
            ("--colour doctor", "没有这个参数：--colour"),
            ("docter", "是不是要写：doctor"),
            ("console --port x", "--port <PORT> 的值不对：x"),
            ("console --port", "--port <PORT> 缺少值"),
            ("completions cmd", "可以是：bash"),
            ("settings", "缺少命令"),
            ("redrive", "缺少："),
        ] {
            check(words, wanted);
        }
    }
}
