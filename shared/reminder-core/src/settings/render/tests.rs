use jiff::ToSpan;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;

const SERVICE_ACCOUNT_CHARS: Option<usize> = Some(20);

fn data(entries: &[(&str, &str)], value_chars_max: Option<usize>) -> MessageData {
    let entry = |(name, text): &(&str, &str)| {
        let keyword = Keyword::parse(name).expect("a keyword");
        let pattern = check_mapping(&keyword, text, value_chars_max).expect("a mapping that suits");
        (keyword, pattern)
    };
    MessageData { entries: entries.iter().map(entry).collect(), value_chars_max }
}

fn passport() -> Values<'static> {
    Values {
        title: "护照",
        note: "",
        expires: Expires::At(date(2027, 3, 1).at(0, 0, 0, 0)),
        today: date(2027, 2, 28),
    }
}

fn shown(data: &MessageData, values: &Values<'_>) -> String {
    match render(data, values) {
        Ok(values) => values.iter().map(|(name, value)| format!("{name}={value}\n")).collect(),
        Err(misfits) => {
            misfits.iter().map(|m| format!("{} in {}: {}\n", m.field, m.keyword, m.rule)).collect()
        }
    }
}

#[test]
fn each_keyword_gets_the_form_its_type_takes() {
    let data = data(
        &[
            ("thing1", "{title}"),
            ("date2", "{expires_at}"),
            ("time3", "{expires_at}"),
            ("thing4", "{note}"),
            ("number5", "{days_left}"),
            ("character_string6", "{expires_at} {note}"),
            ("thing7", "{title}还剩{days_left}天"),
            ("phrase8", "即将到期"),
            ("time9", "2027年1月1日 00:00~{expires_at}"),
        ],
        None,
    );
    insta::assert_snapshot!(shown(&data, &passport()), @"
    thing1=护照
    date2=2027年3月1日
    time3=2027年3月1日 00:00
    thing4=无
    number5=1
    character_string6=2027-03-01 -
    thing7=护照还剩1天
    phrase8=即将到期
    time9=2027年1月1日 00:00~2027年3月1日 00:00
    ");
    let milk = Values {
        title: "牛奶🥛",
        note: "冰箱\n第二层",
        expires: Expires::At(date(2027, 3, 1).at(18, 30, 0, 0)),
        ..passport()
    };
    let milk_data = MessageData { entries: data.entries[..5].to_vec(), value_chars_max: None };
    insta::assert_snapshot!(shown(&milk_data, &milk), @"
    thing1=牛奶
    date2=2027年3月1日 18:30
    time3=2027年3月1日 18:30
    thing4=冰箱 第二层
    number5=1
    ");
}

#[test]
fn what_expires_with_its_day_has_no_time() {
    let entries = [
        ("date1", "{expires_at}"),
        ("time2", "{expires_at}"),
        ("thing3", "{expires_on}到期"),
        ("character_string4", "{expires_on}"),
        ("date5", "{expires_on}"),
        ("number6", "{days_left}"),
    ];
    let data = data(&entries, None);
    let day = date(2027, 3, 1);
    insta::assert_snapshot!(shown(&data, &Values { expires: Expires::With(day), today: day, ..passport() }), @"
    date1=2027年3月1日
    time2=2027年3月1日 23:59
    thing3=2027年3月1日到期
    character_string4=2027-03-01
    date5=2027年3月1日
    number6=0
    ");
    let evening = Expires::At(day.at(18, 30, 0, 0));
    insta::assert_snapshot!(shown(&data, &Values { expires: evening, ..passport() }), @"
    date1=2027年3月1日 18:30
    time2=2027年3月1日 18:30
    thing3=2027年3月1日到期
    character_string4=2027-03-01
    date5=2027年3月1日
    number6=1
    ");
}

#[test]
fn only_the_users_words_are_cut_and_only_as_far_as_needed() {
    let data =
        data(&[("thing1", "{title} {expires_at}"), ("thing2", "{title}：{note}")], SERVICE_ACCOUNT_CHARS);
    let values = Values {
        title: "因私普通护照和港澳通行证", note: "带两张白底照片和旧护照", ..passport()
    };
    insta::assert_snapshot!(shown(&data, &values), @"
    thing1=因私普通护照和港澳… 2027年3月1日
    thing2=因私普通护照和港澳通行证：带两张白底照…
    ");
}

#[test]
fn a_service_account_value_is_cut_by_us_and_not_silently_by_wechat() {
    let long = Values { title: "abcdefghijklmnopqrstuvwxyz", ..passport() };
    let entries = [("character_string1", "{title}")];
    insta::assert_snapshot!(shown(&data(&entries, None), &long), @"character_string1=abcdefghijklmnopqrstuvwxyz");
    insta::assert_snapshot!(shown(&data(&entries, SERVICE_ACCOUNT_CHARS), &long), @"character_string1=abcdefghijklmnopq...");
}

#[test]
fn a_misfit_names_the_field_that_caused_it() {
    let data = data(
        &[
            ("phrase1", "{title}"),
            ("character_string2", "{title}/{note}"),
            ("thing3", "{title}"),
            ("name4", "{note}"),
        ],
        None,
    );
    let values = Values { title: "Passport 🛂", note: "换发，第3次", ..passport() };
    insta::assert_snapshot!(shown(&data, &values), @"
    title in phrase1: must be Chinese characters only
    note in character_string2: must be letters, digits and symbols of ASCII only, no Chinese
    note in name4: must be a name of Chinese characters, or of letters and symbols, without digits
    ");
    let empty = Values { title: "🛂", ..passport() };
    insta::assert_snapshot!(shown(&data, &empty), @"
    title in phrase1: must not be empty (WeChat shows no emoji and no control characters, so they do not count)
    title in character_string2: must not be empty (WeChat shows no emoji and no control characters, so they do not count)
    title in thing3: must not be empty (WeChat shows no emoji and no control characters, so they do not count)
    ");
}

#[test]
fn mappings_that_could_never_be_sent_are_refused() {
    let table = [
        ("number1", "{title}"),
        ("date1", "{title}"),
        ("enum1", "{note}"),
        ("phrase1", "{expires_at}"),
        ("letter1", "{note}"),
        ("thing1", "{titel}"),
        ("date1", "到期{expires_at}"),
        ("character_string1", "编号{title}"),
        ("thing1", "您的物品将于{expires_at}到期"),
        ("thing1", "一二三四五六七八九十一二三四五六七八九十一"),
        ("thing1", "到期🎂{title}"),
        ("thing1", ""),
        ("date1", "2027年2月30日"),
        ("phrase1", "ok"),
    ];
    let refused = |(name, text): (&str, &str)| {
        let keyword = Keyword::parse(name).expect("a keyword");
        format!("{name} {}\n", check_mapping(&keyword, text, None).expect_err(text))
    };
    insta::assert_snapshot!(table.map(refused).concat(), @"
    number1 must not use {title}: number takes {days_left}
    date1 must not use {title}: date takes {expires_at}, {expires_on}
    enum1 must not use {note}: enum takes fixed text only
    phrase1 must not use {expires_at}: phrase takes {title}, {note}
    letter1 must not use {note}: letter takes {title}
    thing1 uses {titel}, which is no placeholder; known here: {title}, {note}, {expires_at}, {expires_on}, {days_left} (a brace itself is written {{)
    date1 with its placeholders filled in, must be a date such as 2019年10月1日 or 2018-01-01, or two of them joined by ~
    character_string1 with its placeholders filled in, must be letters, digits and symbols of ASCII only, no Chinese
    thing1 with its placeholders filled in, must be at most 20 characters; this one has 25
    thing1 must be at most 20 characters; this one has 21
    thing1 must not contain emoji, line breaks or control characters
    thing1 must not be empty (WeChat shows no emoji and no control characters, so they do not count)
    date1 must be a date such as 2019年10月1日 or 2018-01-01, or two of them joined by ~
    phrase1 must be Chinese characters only
    ");
}

proptest! {
    #[test]
    fn what_is_rendered_passes_the_type_and_the_channel(
        title in ".{0,200}",
        note in ".{0,500}",
        minute in 0_i64..60_000_000,
        whole_day in any::<bool>(),
        days in 0_i64..10_958,
    ) {
        let data = data(
            &[
                ("thing1", "{title}"),
                ("thing2", "{title}：{note}"),
                ("date3", "{expires_at}"),
                ("time4", "{expires_at}"),
                ("character_string5", "D-{days_left}"),
                ("thing6", "{note}{expires_at}"),
                ("character_string7", "{expires_on}"),
            ],
            SERVICE_ACCOUNT_CHARS,
        );
        let moment = date(1970, 1, 1).at(0, 0, 0, 0).checked_add(minute.minutes()).expect("in range");
        let day = moment.date();
        let expires = if whole_day { Expires::With(day) } else { Expires::At(moment) };
        let today = day.checked_sub(days.days()).expect("in range");
        let values = Values { title: &title, note: &note, expires, today };
        match render(&data, &values) {
            Ok(rendered) => for ((keyword, _), (_, value)) in data.entries.iter().zip(rendered) {
                prop_assert_eq!(keyword.kind.check_within(&value, SERVICE_ACCOUNT_CHARS), Ok(()), "{}", value);
            },
            Err(misfits) => {
                prop_assert_eq!(clean(&title), "", "{:?}", misfits);
                prop_assert!(misfits.iter().all(|m| m.field == "title"));
            }
        }
    }
}
