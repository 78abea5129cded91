//! The faults of a document in Chinese, made of code and parameters: whoever has only the JSON of an answer can say them, too.

use std::str::FromStr;

use serde_json::{Map, Value};

use super::error::{FieldError, RuleCode};

/// A fault as an answer tells it; none of a code that is not known here, which is for its `message` to say.
pub fn fault(code: &str, params: &Map<String, Value>) -> Option<String> {
    RuleCode::from_str(code).ok().map(|code| sentence(code, &Params(params)))
}

/// Every fault in a sentence, with its field.
pub(crate) fn faults(errors: &[FieldError]) -> String {
    let one = |error: &FieldError| {
        let field = if error.field.is_empty() { "文档" } else { &error.field };
        format!("{field}：{}", sentence(error.rule.code, &Params(&error.rule.params)))
    };
    errors.iter().map(one).collect::<Vec<_>>().join("；")
}

struct Params<'a>(&'a Map<String, Value>);

impl Params<'_> {
    /// A text or number, or the elements of a list.
    fn get(&self, name: &str) -> Option<String> {
        let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match self.0.get(name)? {
            Value::Array(values) => Some(values.iter().map(word).collect::<Vec<_>>().join("、")),
            value => Some(word(value)),
        }
    }

    /// This before the parameter and that behind it, if there is one.
    fn around(&self, before: &str, name: &str, after: &str) -> String {
        self.get(name).map_or_else(String::new, |value| format!("{before}{value}{after}"))
    }

    /// A sentence about the parameter, or the one without it.
    fn with(&self, name: &str, without: &str, sentence: impl FnOnce(String) -> String) -> String {
        self.get(name).map_or_else(|| without.to_owned(), sentence)
    }

    /// What it must be, and what it is.
    fn bounds(&self, unit: &str) -> String {
        let bounds = match (self.get("min").filter(|min| min != "0"), self.get("max")) {
            (Some(min), Some(max)) if min == max => format!("应为 {min}{unit}"),
            (Some(min), Some(max)) => format!("应为 {min} 至 {max}{unit}"),
            (Some(min), None) => format!("至少 {min}{unit}"),
            (None, Some(max)) => format!("最多 {max}{unit}"),
            (None, None) => "超出范围".to_owned(),
        };
        bounds + &self.around("，现在是 ", "found", "")
    }
}

fn sentence(code: RuleCode, params: &Params<'_>) -> String {
    let about = |before: &str, name: &str| params.around(before, name, "");
    match code {
        RuleCode::Required => match params.get("any_of") {
            Some(any_of) => format!("至少要有其中一个：{any_of}"),
            None => format!("必填{}", about("，或用 ", "instead")),
        },
        RuleCode::UnknownField => format!("没有这个字段{}", about("，这里有：", "known")),
        RuleCode::WrongType => {
            let kind = |name| params.get(name).map(|kind| json_type(&kind));
            let found = kind("found").map_or_else(String::new, |found| format!("，现在是{found}"));
            format!("应为{}{found}", kind("wanted").unwrap_or_else(|| "别的类型".to_owned()))
        }
        RuleCode::Length if params.get("unit").as_deref() == Some("bytes") => params.bounds(" 字节"),
        RuleCode::Length => params.bounds(" 个字符"),
        RuleCode::Range => match params.get("min").zip(params.get("max")) {
            Some((min, max)) => format!("应在 {min} 至 {max} 之间{}", about("，现在是 ", "found")),
            None => params.bounds(""),
        },
        RuleCode::Count => params.bounds(" 个"),
        RuleCode::OneOf => format!("不是可选值{}", about("，可选：", "allowed")),
        RuleCode::Format => form(params),
        RuleCode::Characters => "含有不允许的字符（控制字符、空格，或被截断的半个表情）".to_owned(),
        RuleCode::Conflict => match params.get("with") {
            Some(with) => format!("与 {with} 冲突"),
            None => format!("{}互相冲突", params.around("", "among", " ")),
        },
        RuleCode::Duplicate => format!("重复了{}", about("，同 ", "of")),
        RuleCode::Past => "已经过去".to_owned(),
        RuleCode::TooSoon => {
            params.with("minutes", "离现在太近", |minutes| format!("至少要在 {minutes} 分钟之后"))
        }
        RuleCode::TooFar => params.with("years", "离现在太远", |years| format!("最多在 {years} 年以内")),
        RuleCode::TooCloseToExpiry => {
            params.with("minutes", "离到期太近", |minutes| format!("至少要比到期早 {minutes} 分钟"))
        }
        RuleCode::NotRelative => "要写成到期前多久，例如 days_before，而不是时刻".to_owned(),
        RuleCode::NotWithinPeriod => format!("必须短于重复的周期{}", about(" ", "every")),
        RuleCode::UnknownTemplate => "配置里没有这个模板".to_owned(),
        RuleCode::NotConfigured => format!("没有配置这个通道{}", about("，已配置：", "configured")),
        RuleCode::DoesNotFit => {
            format!("{}{}", misfit(params), params.around("（要显示为 ", "keyword", "）"))
        }
        RuleCode::Misplaced => match params.get("instead") {
            Some(instead) => format!("不该写在这里，请用 {instead}"),
            None if params.get("alone").is_some() => "只能单独出现".to_owned(),
            None => format!("不该出现在这里{}", about("，只用于 ", "only")),
        },
        RuleCode::Placeholder => placeholder(params),
        RuleCode::MoreFaults => {
            params.with("shown", "还有更多错误", |shown| format!("还有更多错误，只列出前 {shown} 个"))
        }
    }
}

fn json_type(english: &str) -> String {
    match english {
        "null" => "null",
        "a boolean" => "布尔值",
        "true or false" => " true 或 false",
        "a number" => "数字",
        "a number with decimals" => "小数",
        "a whole number" => "整数",
        "a string" => "字符串",
        "a list" => "数组",
        "an object" => "对象",
        other => other,
    }
    .to_owned()
}

/// How it has to be written.
fn form(params: &Params<'_>) -> String {
    match params.get("wanted").unwrap_or_default().as_str() {
        "instant" => "应为带时差的 RFC 3339 时刻，例如 2027-03-01T00:00:00+08:00",
        "day" => "应为日期，例如 2027-03-01",
        "time_of_day" => "应为 00:00 至 23:59 的时间，写成 HH:MM",
        "duration" => "应为 ISO 8601 时长，例如 P1D、PT2H",
        "period" => "应为重复的周期，例如 P1W、P1M、P1Y",
        "time_zone" => "应为 IANA 时区名，例如 Asia/Shanghai",
        "page" => "应为小程序页面的路径，例如 pages/item/item?id=42，开头不带斜杠，不带协议和域名",
        "address" => "应为带域名的完整地址，例如 https://example.com/",
        "template_id" => "应为自己账号的模板 ID（见 templates.list），不含空格",
        "keyword" => "不是认识的微信关键词，例如 thing1、date2、first",
        "name" => return format!("名字应为字母、数字、_ 或 -{}", params.around("，最多 ", "max", " 个")),
        "openid" => "应为 openid：可见 ASCII 字符，不含空格",
        "id" => "应为提醒的 id：20 个字符，a-z 和 2-7",
        "cursor" => "应为上一页给的 cursor",
        "revision" => "应为带引号的版本号，例如 \"3\"",
        "source" => "应为 \"env:变量名\" 或 \"stdin\"",
        "" => "写法不对",
        other => return format!("写法不对，应为：{other}"),
    }
    .to_owned()
}

/// Why WeChat would not show a value.
fn misfit(params: &Params<'_>) -> String {
    match params.get("rule").as_deref() {
        Some("empty") => "不能为空（表情和控制字符不算）".to_owned(),
        Some("too_long") => params.bounds(" 个字符"),
        Some("unprintable") => "不能有表情、换行和控制字符".to_owned(),
        _ => match params.get("wanted") {
            Some(wanted) => format!("应为{}", value_form(&wanted)),
            None => "不符合关键词的格式".to_owned(),
        },
    }
}

/// What a keyword of each type takes.
fn value_form(english: &str) -> &str {
    match english {
        "text" => "文字",
        "digits, decimals allowed (such as 12 or 12.5)" => "数字，可带小数，例如 12、12.5",
        "letters A to Z only" => "字母",
        "symbols only, neither letters, digits nor Chinese" => "符号，不能有字母、数字和汉字",
        "letters, digits and symbols of ASCII only, no Chinese" => "ASCII 字母、数字和符号，不能有汉字",
        "a time such as 15:01 or 2019年10月1日 15:01, or two of them joined by ~" => {
            "时间，例如 15:01、2019年10月1日 15:01，或用 ~ 连接的两个"
        }
        "a date such as 2019年10月1日 or 2018-01-01, or two of them joined by ~" => {
            "日期，例如 2019年10月1日、2018-01-01，或用 ~ 连接的两个"
        }
        "an amount such as ￥100.05 or 100元" => "金额，例如 ￥100.05、100元",
        "a phone number of digits and symbols (such as +86-0766-66888866)" => {
            "电话号码，例如 +86-0766-66888866"
        }
        "a licence plate: letters and digits, first and last may be Chinese" => {
            "车牌号：字母和数字，首尾可以是汉字"
        }
        "a name of Chinese characters, or of letters and symbols, without digits" => {
            "姓名：汉字，或字母和符号，不能有数字"
        }
        "Chinese characters only" => "汉字",
        other => other,
    }
}

fn placeholder(params: &Params<'_>) -> String {
    let known = match params.get("known").as_deref() {
        Some("fixed text only") => "，只能写固定文字".to_owned(),
        _ => params.around("，这里可用：", "known", "").replace(", ", "、"),
    };
    let is_filled = params.get("filled").is_some();
    match params.get("placeholder") {
        Some(name) => format!("占位符 {{{name}}} 不能用在这里{known}"),
        None if params.get("rule").as_deref() == Some("unclosed") => {
            "{ 没有闭合（大括号本身写成 {{）".to_owned()
        }
        None if is_filled => format!("占位符填好之后，{}", misfit(params)),
        None if params.get("rule").is_some() => misfit(params),
        None => "占位符填不了".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use strum::VariantNames;

    use super::*;

    fn of(code: &str, params: Value) -> String {
        fault(code, params.as_object().expect("an object")).expect("a known code")
    }

    #[test]
    fn every_code_has_a_sentence_with_parameters_and_without() {
        for code in RuleCode::VARIANTS {
            let sentence = of(code, json!({}));
            let chinese = sentence.chars().filter(|c| *c > '\u{2e80}').count();
            assert!(chinese > 1 && !sentence.contains("  "), "{code}: {sentence}");
        }
        assert_eq!(fault("none_of_ours", &Map::new()), None);
    }

    #[test]
    fn sentences_say_what_the_parameters_say() {
        for (code, params, said) in [
            ("required", json!({}), "必填"),
            ("required", json!({"instead": "expires_on"}), "必填，或用 expires_on"),
            ("required", json!({"any_of": ["text", "image"]}), "至少要有其中一个：text、image"),
            ("unknown_field", json!({"known": ["a", "b"]}), "没有这个字段，这里有：a、b"),
            ("wrong_type", json!({"wanted": "a string", "found": "a number"}), "应为字符串，现在是数字"),
            ("length", json!({"min": 1, "max": 200, "found": 0}), "应为 1 至 200 个字符，现在是 0"),
            ("length", json!({"min": 0, "max": 9, "found": 10}), "最多 9 个字符，现在是 10"),
            ("length", json!({"max": 9, "found": 10, "unit": "bytes"}), "最多 9 字节，现在是 10"),
            ("range", json!({"min": 0, "max": 240, "found": 900}), "应在 0 至 240 之间，现在是 900"),
            ("count", json!({"min": 1, "found": 0}), "至少 1 个，现在是 0"),
            ("count", json!({"min": 1, "max": 1, "found": 2}), "应为 1 个，现在是 2"),
            ("one_of", json!({"allowed": ["en", "zh"]}), "不是可选值，可选：en、zh"),
            ("format", json!({"wanted": "time_zone"}), "应为 IANA 时区名，例如 Asia/Shanghai"),
            ("format", json!({"wanted": "TD"}), "写法不对，应为：TD"),
            ("conflict", json!({"with": ["a", "b"]}), "与 a、b 冲突"),
            ("misplaced", json!({"only": "on: text"}), "不该出现在这里，只用于 on: text"),
            ("misplaced", json!({"instead": "app_secret_from"}), "不该写在这里，请用 app_secret_from"),
            (
                "does_not_fit",
                json!({"keyword": "thing1", "rule": "too_long", "max": 20, "found": 21}),
                "最多 20 个字符，现在是 21（要显示为 thing1）",
            ),
            (
                "placeholder",
                json!({"placeholder": "nmae", "known": "{title}, {note}"}),
                "占位符 {nmae} 不能用在这里，这里可用：{title}、{note}",
            ),
            ("placeholder", json!({"rule": "unclosed"}), "{ 没有闭合（大括号本身写成 {{）"),
            ("placeholder", json!({"rule": "empty"}), "不能为空（表情和控制字符不算）"),
            (
                "placeholder",
                json!({"filled": true, "rule": "too_long", "max": 5, "found": 6}),
                "占位符填好之后，最多 5 个字符，现在是 6",
            ),
            ("conflict", json!({"among": ["from", "to"]}), "from、to 互相冲突"),
        ] {
            assert_eq!(of(code, params.clone()), said, "{code} {params}");
        }
    }
}
