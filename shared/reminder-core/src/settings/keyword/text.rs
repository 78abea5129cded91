//! Characters as WeChat's keyword rules sort them (docs/wechat.md §9.2), and the forms that are no dates.

/// Text as it can be shown in a message: white space and control characters collapse to one space, emoji
/// and invisible characters are dropped.
pub fn clean(value: &str) -> String {
    let spaced = value.chars().map(|c| if c.is_whitespace() || c.is_control() { ' ' } else { c });
    let kept = spaced.filter(|c| is_printable(*c)).collect::<String>();
    kept.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Whether a message shows this character as it is: no control character, no emoji, nothing invisible.
pub fn is_printable(c: char) -> bool {
    !c.is_control() && !is_emoji(c) && !is_invisible(c)
}

/// Characters that are shown as emoji by themselves. Those that are only with U+FE0F behind them (©, ™)
/// are text once that selector is dropped as invisible.
fn is_emoji(c: char) -> bool {
    matches!(c,
        '\u{231A}'..='\u{231B}' | '\u{23E9}'..='\u{23FA}' | '\u{25FD}'..='\u{25FE}' | '\u{2B1B}'..='\u{2B1C}'
        | '\u{2B50}' | '\u{2B55}' | '\u{1F000}'..='\u{1FAFF}'
        // Where emoji lived before Unicode had them.
        | '\u{E000}'..='\u{F8FF}')
        || (matches!(c, '\u{2600}'..='\u{27BF}') && !matches!(c, '★' | '☆'))
}

/// Line separators, joiners, selectors, marks of direction, tags: they take part in emoji or show nothing.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{20E3}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFF0}'..='\u{FFFB}' | '\u{FFFE}'..='\u{FFFF}' | '\u{E0000}'..='\u{10FFFF}')
}

pub(super) fn is_cjk(c: char) -> bool {
    matches!(c, '々' | '〇' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}')
}

/// Chinese of the ordinary block, where WeChat's page leaves open what counts as Chinese.
pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}')
}

/// "Common symbol other than CJK, latin, digit".
pub(super) fn is_symbol(c: char) -> bool {
    !c.is_alphanumeric() && !c.is_whitespace() && !is_cjk(c)
}

pub(super) fn is_in_names(c: char) -> bool {
    is_han(c) || c.is_ascii_alphabetic() || c == ' ' || is_symbol(c)
}

/// `12`, `12.5`
pub(super) fn is_decimal(value: &str) -> bool {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match value.split_once('.') {
        Some((whole, decimals)) => is_digits(whole) && is_digits(decimals),
        None => is_digits(value),
    }
}

/// `￥100.05`, `100元`
pub(super) fn is_amount(value: &str) -> bool {
    let value = value.strip_prefix(['¥', '￥', '$', '€', '£']).unwrap_or(value);
    is_decimal(value.strip_suffix('元').unwrap_or(value))
}

/// `+86-0766-66888866`
pub(super) fn is_phone_number(value: &str) -> bool {
    value.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_punctuation())
        && value.bytes().any(|b| b.is_ascii_digit())
}

/// `粤A8Z888挂`
pub(super) fn is_car_number(value: &str) -> bool {
    let last = value.chars().count() - 1;
    let fits = |(n, c): (usize, char)| c.is_ascii_alphanumeric() || ((n == 0 || n == last) && is_han(c));
    value.chars().enumerate().all(fits)
}
