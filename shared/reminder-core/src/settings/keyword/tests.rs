use proptest::prelude::*;

use super::*;
use crate::json::chinese;
use crate::json::error::RuleCode;

#[test]
fn keyword_names_carry_type_and_number() {
    for (name, kind, is_strange) in [
        ("thing1", KeywordType::Thing, false),
        ("short_thing2", KeywordType::ShortThing, false),
        ("character_string13", KeywordType::CharacterString, false),
        ("phone_number2", KeywordType::PhoneNumber, false),
        ("enum_string1", KeywordType::EnumString, false),
        ("const5", KeywordType::Const, false),
        // Historic templates.
        ("first", KeywordType::Text, false),
        ("keyword1", KeywordType::Text, false),
        ("remark", KeywordType::Text, false),
        // Test accounts, types that are new, and slips of the pen.
        ("title", KeywordType::Text, true),
        ("date", KeywordType::Text, true),
        ("物品", KeywordType::Text, true),
        ("thing", KeywordType::Text, true),
        ("thing01", KeywordType::Text, true),
        ("thing0", KeywordType::Text, true),
        ("Thing1", KeywordType::Text, true),
        ("thing99999", KeywordType::Text, true),
        ("keyword", KeywordType::Text, true),
        ("keywordx", KeywordType::Text, true),
        ("1", KeywordType::Text, true),
    ] {
        let keyword = Keyword::parse(name).expect("a name");
        assert_eq!(
            (keyword.kind, keyword.is_strange(), keyword.to_string().as_str()),
            (kind, is_strange, name)
        );
    }
    for name in ["", "thing1 ", "a b", "thing1.DATA", "{{first}}", "a\nb", "🎂", &"x".repeat(33)] {
        assert_eq!(Keyword::parse(name), None, "{name}");
    }
    assert!(Keyword::parse(&"x".repeat(32)).is_some());
}

#[test]
fn values_pass_or_break_the_rule_of_their_type() {
    let table: [(KeywordType, &[&str], &[&str]); 17] = [
        (
            KeywordType::Thing,
            &["护照", "a b", "到出入境大厅换发，带2张照片", "★", "十个字十个字十个字十个字十个字十个字十个"],
            &["", " ", "a\nb", "蛋糕🎂", "十个字十个字十个字十个字十个字十个字十个字", "零\u{200B}宽"],
        ),
        (
            KeywordType::Number,
            &["0", "12.50", "12345678901234567890123456789012"],
            &["-1", "1,000", "1.", ".5", "1.2.3", "十", "123456789012345678901234567890123", "１２"],
        ),
        (KeywordType::Letter, &["abcXYZ"], &["a b", "a1", "é", "中", "abcdefghijklmnopqrstuvwxyzabcdefg"]),
        (KeywordType::Symbol, &["★☆", "!@#$%"], &["!@#$%^", "a", "1", "中", "! !"]),
        (
            KeywordType::CharacterString,
            &["AB-12 34", "2027-03-01 18:30"],
            &["编号1", "ａ", "a，b", "123456789012345678901234567890123"],
        ),
        (
            KeywordType::Time,
            &[
                "15:01",
                "15:01:59",
                "2019年10月1日 15:01",
                "2019-10-01 15:01",
                "08:00~09:30",
                "2019年10月1日 15:01~16:00",
            ],
            &[
                "24:00",
                "9:05",
                "15:60",
                "15：01",
                "2019年10月1日",
                "08:00～09:30",
                "2019年10月1日15:01",
                "2019年2月29日 15:01",
                "10月1日 15:01",
                "08:00~",
                "15:01:",
            ],
        ),
        (
            KeywordType::Date,
            &[
                "2019年10月1日",
                "2019年10月",
                "10月1日",
                "2月29日",
                "2018-01-01",
                "2018/1/1",
                "2018.01",
                "01-31",
                "2018-01-01 15:01",
                "2019年10月1日~2019年10月7日",
                "2028年2月29日 23:59:59",
            ],
            &[
                "2019年13月1日",
                "2019年2月29日",
                "2018-01/01",
                "2018-1-1-1",
                "19年1月1日",
                "2019年10月1",
                "15:01",
                "2019年10月 15:01",
                "2019年10月1日～2019年10月7日",
                "明天",
                "2019年+1月1日",
                "13-01",
                "2018",
            ],
        ),
        (
            KeywordType::Amount,
            &["100", "￥100.05", "100元", "¥1234567890"],
            &["￥￥1", "12345678901", "100.", "元", "一百元", "100 元"],
        ),
        (
            KeywordType::PhoneNumber,
            &["+86-0766-66888866", "10086"],
            &["+86-0766-668888666", "电话", "+-", "100 86"],
        ),
        (
            KeywordType::CarNumber,
            &["粤A8Z888挂", "A12345", "京"],
            &["粤粤A8888", "粤A8Z8888挂", "粤A-888", "〇A1234", "A1234々"],
        ),
        (
            KeywordType::Name,
            &["张三", "阿卜杜拉·买买提", "John O'Neil", "abcdefghijklmnopqrst"],
            &[
                "张三张三张三张三张三张",
                "张a张a张a张a张a张",
                "abcdefghijklmnopqrstu",
                "张3",
                "José",
                "ｊｏｈｎ",
                "佐々木",
                "たかし",
                "김철수",
                "Иван",
                "〇一",
            ],
        ),
        (
            KeywordType::Phrase,
            &["即将到期", "待办"],
            &["即将到期啦啦", "到期!", "ok", "到 期", "二〇", "人々"],
        ),
        (KeywordType::Enum, &["进行中"], &["", "a\tb"]),
        (KeywordType::EnumString, &["进行中"], &["", "a\tb"]),
        (KeywordType::ShortThing, &["护照", "a1，b"], &["", "护照到期了吗"]),
        (
            KeywordType::Text,
            &["护照", "十个字十个字十个字十个字十个字十个字十个"],
            &["", "十个字十个字十个字十个字十个字十个字十个字", "a\nb"],
        ),
        (KeywordType::Const, &["到期提醒"], &["", "🎂"]),
    ];
    for (kind, good, bad) in table {
        for value in good {
            assert_eq!(kind.check(value), Ok(()), "{kind:?} takes {value:?}");
            assert_eq!(kind.fit(value).as_deref(), Ok(*value), "{kind:?} leaves {value:?} as it is");
        }
        for value in bad {
            assert!(kind.check(value).is_err(), "{kind:?} refuses {value:?}");
        }
    }
}

#[test]
fn free_text_is_made_to_fit() {
    for (kind, value, fitted) in [
        (KeywordType::Thing, "  护照\r\n换发\t今天 ", "护照 换发 今天"),
        (KeywordType::Thing, "生日🎂快乐❤️", "生日快乐"),
        (
            KeywordType::Thing,
            "一二三四五六七八九十一二三四五六七八九十一",
            "一二三四五六七八九十一二三四五六七八九…",
        ),
        (KeywordType::Thing, "abcdefghijklmnopqr stuvw", "abcdefghijklmnopqr…"),
        (KeywordType::Thing, "👨‍👩‍👧全家1️⃣", "全家1"),
        (KeywordType::Name, "司马相如司马相如司马相", "司马相如司马相如司…"),
        (
            KeywordType::CharacterString,
            "12345678901234567890123456789012345",
            "12345678901234567890123456789...",
        ),
    ] {
        assert_eq!(kind.fit(value).as_deref(), Ok(fitted), "{kind:?} {value:?}");
    }
}

#[test]
fn what_cannot_be_shortened_says_its_rule() {
    for (kind, value, message) in [
        (KeywordType::Phrase, "马上就要到期", "must be at most 5 characters; this one has 6"),
        (KeywordType::Number, "一", "must be digits, decimals allowed (such as 12 or 12.5)"),
        (
            KeywordType::Thing,
            "🎂",
            "must not be empty (WeChat shows no emoji and no control characters, so they do not count)",
        ),
    ] {
        assert_eq!(kind.fit(value).expect_err("breaks the rule").to_string(), message);
    }
}

#[test]
fn form_of_every_type_is_told_in_chinese_too() {
    for kind in KeywordType::NAMED.into_iter().chain([KeywordType::Text]) {
        let rule = ValueError::Form(kind.form()).told_by(RuleCode::DoesNotFit.says(""));
        let told = chinese::fault("does_not_fit", &rule.params).expect("a known code");
        let english = told.split_whitespace().filter(|word| word.len() > 4 && word.is_ascii()).count();
        assert!(english < 3, "{kind:?}: {told}");
        assert_ne!(told, format!("应为{}", kind.form()));
    }
}

proptest! {
    #[test]
    fn whatever_fit_gives_back_passes_check(value in "\\PC{0,60}|.{0,60}|[\\u{4e00}-\\u{4eff} a-z0-9🎂\n]{0,60}") {
        for kind in KeywordType::NAMED.into_iter().chain([KeywordType::Text]) {
            if let Ok(fitted) = kind.fit(&value) {
                prop_assert_eq!(kind.check(&fitted), Ok(()), "{:?} {:?}", kind, fitted);
            }
        }
    }

    #[test]
    fn any_text_with_a_letter_fits_a_thing(value in ".{0,300}a.{0,300}") {
        prop_assert!(KeywordType::Thing.fit(&value).is_ok());
    }
}
