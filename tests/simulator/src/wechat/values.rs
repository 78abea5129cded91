//! Whether a value fits the type of its keyword (docs/wechat.md §9.2).
//!
//! The type is the keyword's name without its number: `thing1`, `character_string3`. Older names that carry
//! no type (`first`, `keyword1`) take anything.

/// `character_string3` → `character_string`.
pub(crate) fn type_of(keyword: &str) -> &str {
    keyword.trim_end_matches(|letter: char| letter.is_ascii_digit())
}

/// Whether WeChat takes `value`, which is not empty, for `keyword`.
pub(crate) fn fits(keyword: &str, value: &str) -> bool {
    let length = value.chars().count();
    let every = |allowed: fn(char) -> bool| value.chars().all(allowed);
    if value.chars().any(|letter| letter.is_control()) {
        return false;
    }
    match type_of(keyword) {
        "thing" => length <= 20 && !value.chars().any(is_emoji),
        "number" => length <= 32 && is_decimal(value),
        "letter" => length <= 32 && every(|letter| letter.is_ascii_alphabetic()),
        "symbol" => length <= 5 && every(is_symbol),
        "character_string" => length <= 32 && !value.chars().any(is_cjk) && !value.chars().any(is_emoji),
        "time" => ranges(value, |cursor| {
            cursor.date();
            cursor.eat(' ');
            cursor.time()
        }),
        "date" => ranges(value, |cursor| {
            if !cursor.date() {
                return false;
            }
            cursor.eat(' ');
            cursor.rest.is_empty() || cursor.time()
        }),
        "amount" => is_amount(value),
        "phone_number" => length <= 17 && every(|letter| letter.is_ascii_digit() || is_symbol(letter)),
        "car_number" => is_car_number(value),
        "name" => is_name(value),
        "phrase" => length <= 5 && every(is_cjk),
        _ => true,
    }
}

pub(crate) fn is_emoji(letter: char) -> bool {
    matches!(letter, '\u{1F000}'..='\u{1FAFF}' | '\u{FE0F}' | '\u{200D}' | '\u{20E3}' | '\u{E0020}'..='\u{E007F}')
}

fn is_cjk(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}

fn is_symbol(letter: char) -> bool {
    !letter.is_alphanumeric() && !letter.is_whitespace() && !is_emoji(letter)
}

fn is_decimal(value: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.chars().all(|letter| letter.is_ascii_digit());
    match value.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(value),
    }
}

/// One currency symbol, at most ten digits, decimals, a trailing 元.
fn is_amount(value: &str) -> bool {
    let bare = value.strip_suffix('元').unwrap_or(value);
    let bare = bare.strip_prefix(is_symbol).unwrap_or(bare);
    is_decimal(bare) && bare.chars().filter(char::is_ascii_digit).count() <= 10
}

fn is_car_number(value: &str) -> bool {
    let letters: Vec<char> = value.chars().collect();
    let inner = |letter: &char| letter.is_ascii_alphanumeric() || is_symbol(*letter);
    letters.len() <= 8
        && letters.iter().enumerate().all(|(index, letter)| {
            inner(letter) || (is_cjk(*letter) && (index == 0 || index == letters.len() - 1))
        })
}

fn is_name(value: &str) -> bool {
    let most = if value.chars().any(is_cjk) { 10 } else { 20 };
    let allowed =
        |letter: char| is_cjk(letter) || letter.is_ascii_alphabetic() || letter == ' ' || is_symbol(letter);
    value.chars().count() <= most && value.chars().all(allowed)
}

/// One moment, or two with an ASCII `~` between them; the second may be a mere time of day.
fn ranges(value: &str, moment: fn(&mut Cursor<'_>) -> bool) -> bool {
    let whole = |text: &str, moment: fn(&mut Cursor<'_>) -> bool| {
        let mut cursor = Cursor { rest: text.trim_matches(' ') };
        moment(&mut cursor) && cursor.rest.is_empty()
    };
    match value.split_once('~') {
        None => whole(value, moment),
        Some((from, to)) => whole(from, moment) && (whole(to, moment) || whole(to, |cursor| cursor.time())),
    }
}

struct Cursor<'a> {
    rest: &'a str,
}

impl Cursor<'_> {
    fn eat(&mut self, expected: char) -> bool {
        match self.rest.strip_prefix(expected) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// A number of at most `digits` digits.
    fn number(&mut self, digits: usize) -> Option<i16> {
        let length = self.rest.bytes().take(digits).take_while(u8::is_ascii_digit).count();
        let (number, rest) = self.rest.split_at(length);
        self.rest = rest;
        number.parse().ok()
    }

    /// `HH:MM` or `HH:MM:SS`.
    fn time(&mut self) -> bool {
        let part = |cursor: &mut Self, below: i16| cursor.number(2).is_some_and(|number| number < below);
        part(self, 24) && self.eat(':') && part(self, 60) && (!self.eat(':') || part(self, 60))
    }

    /// `y年m月d日`, `y年m月`, `m月d日`, or the same with `-`, `/` or `.`; left where it was if it is no date.
    fn date(&mut self) -> bool {
        let before = self.rest;
        let found = self.chinese_date() || {
            self.rest = before;
            ['-', '/', '.'].into_iter().any(|separator| {
                self.rest = before;
                self.separated_date(separator)
            })
        };
        if !found {
            self.rest = before;
        }
        found
    }

    fn chinese_date(&mut self) -> bool {
        let Some(first) = self.number(4) else { return false };
        if self.eat('年') {
            let Some(month) = self.number(2) else { return false };
            if !self.eat('月') {
                return false;
            }
            match self.number(2) {
                Some(day) => self.eat('日') && exists(first, month, day),
                None => exists(first, month, 1),
            }
        } else {
            let day = if self.eat('月') { self.number(2) } else { None };
            day.is_some_and(|day| self.eat('日') && exists(LEAP_YEAR, first, day))
        }
    }

    fn separated_date(&mut self, separator: char) -> bool {
        let Some(first) = self.number(4) else { return false };
        if !self.eat(separator) {
            return false;
        }
        let Some(second) = self.number(2) else { return false };
        if self.eat(separator) {
            self.number(2).is_some_and(|third| exists(first, second, third))
        } else if first >= 1000 {
            exists(first, second, 1)
        } else {
            exists(LEAP_YEAR, first, second)
        }
    }
}

/// A date without a year may be the 29th of February.
const LEAP_YEAR: i16 = 2024;

fn exists(year: i16, month: i16, day: i16) -> bool {
    let small = |number: i16| i8::try_from(number).unwrap_or(-1);
    jiff::civil::Date::new(year, small(month), small(day)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_taken_or_refused_by_the_type_of_their_keyword() {
        let twenty = "护".repeat(20);
        let taken: &[(&str, &[&str])] = &[
            ("thing1", &["护照", "Passport No. 7!", &twenty]),
            ("number2", &["12345678901234567890123456789012", "3.14"]),
            ("letter3", &["abcXYZ"]),
            ("symbol4", &["+-*/%"]),
            ("character_string5", &["NO-2027/03#1", "a b"]),
            ("time6", &["15:01", "15:01:30", "2019年10月1日 15:01", "2019-10-01 15:01~16:30", "9:05"]),
            (
                "date7",
                &[
                    "2018-01-01",
                    "2019年10月1日",
                    "2019年10月",
                    "10月1日",
                    "2019/10/1 15:01",
                    "2018.01.01~2018.02.01",
                ],
            ),
            ("amount8", &["100", "¥100.50", "$0.99", "100元", "1234567890"]),
            ("phone_number9", &["+86-0766-66888866"]),
            ("car_number10", &["粤A8Z888挂"]),
            ("name11", &["张三", "John Smith"]),
            ("phrase12", &["已发货", "即将到期了"]),
            ("keyword1", &["anything at all, however long it may be, is taken"]),
        ];
        for (keyword, values) in taken {
            for value in *values {
                assert!(fits(keyword, value), "{keyword}: {value}");
            }
        }
        let too_long = "护".repeat(21);
        let refused: &[(&str, &[&str])] = &[
            ("thing1", &[&too_long, "两\n行", "护照🛂"]),
            ("number2", &["三", "1.", "1,000", "123456789012345678901234567890123"]),
            ("letter3", &["abc1"]),
            ("symbol4", &["++++++", "a"]),
            ("character_string5", &["编号1"]),
            ("time6", &["25:00", "2019年10月1日", "15：01", "15:01～16:01", "noon"]),
            ("date7", &["2018-13-01", "2019年2月30日", "tomorrow", "15:01", "2018-01/01", "2018-01-01~"]),
            ("amount8", &["¥¥1", "12345678901", "一百"]),
            ("phone_number9", &["+86-0766-668888666", "call me"]),
            ("car_number10", &["粤A粤8888", "粤A88888888"]),
            ("name11", &["一二三四五六七八九十一", "R2D2"]),
            ("phrase12", &["已发货了吗吗", "ok"]),
        ];
        for (keyword, values) in refused {
            for value in *values {
                assert!(!fits(keyword, value), "{keyword}: {value}");
            }
        }
    }
}
