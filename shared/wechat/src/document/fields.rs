//! Named values, and how many of them there may be.

use std::borrow::Cow;

use super::malformation::Malformation;

/// How deeply a callback may be nested. WeChat's deepest (subscription events) has four levels.
pub(super) const MAX_DEPTH: usize = 8;

/// How many fields a callback may have, nested ones included. WeChat's longest have a few dozen.
pub(super) const MAX_FIELDS: usize = 1_000;

/// Room for the fields of a usual callback, so that reading it allocates its list once.
const USUAL_FIELDS: usize = 8;

/// One value.
#[derive(Debug, PartialEq)]
pub(crate) enum Node<'a> {
    Text(Cow<'a, str>),
    /// A JSON number; one beyond 2^63 or with a fraction is text.
    Number(i64),
    Fields(Fields<'a>),
    /// A JSON array. In XML the element repeats instead.
    Items(Vec<Node<'a>>),
}

/// Named values in the order of the document; a name may repeat.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Fields<'a>(Vec<(Cow<'a, str>, Node<'a>)>);

impl<'a> Fields<'a> {
    pub(super) fn with_usual_capacity() -> Self {
        Self(Vec::with_capacity(USUAL_FIELDS))
    }

    pub(super) fn push(&mut self, name: Cow<'a, str>, value: Node<'a>) {
        self.0.push((name, value));
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Node<'a>)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// The first field of this name; else the first that differs from it in case only: WeChat writes `MsgID` and
    /// `MsgId`, `OpenID` and `openid`.
    pub(super) fn find(&self, name: &str) -> Option<&Node<'a>> {
        let exact = self.0.iter().find(|(candidate, _)| candidate == name);
        let found = exact.or_else(|| self.0.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)));
        found.map(|(_, value)| value)
    }

    /// A field that is text, for comparing; `None` when it is absent, empty, a number or nested.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.find(name)? {
            Node::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// A field as text, for keeping, also when it is a number; `None` when it is absent, empty or nested.
    pub(crate) fn string(&self, name: &str) -> Option<String> {
        match self.find(name)? {
            Node::Text(text) if !text.is_empty() => Some(text.as_ref().to_owned()),
            Node::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// The same, empty when there is none.
    pub(crate) fn owned(&self, name: &str) -> String {
        self.string(name).unwrap_or_default()
    }

    /// A field as a number, also when it is the text of one.
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        match self.find(name)? {
            Node::Text(text) => text.trim().parse().ok(),
            Node::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The same fields, without the document they were read from.
    pub(super) fn into_owned(self) -> Fields<'static> {
        let owned =
            |(name, value): (Cow<'a, str>, Node<'a>)| (Cow::Owned(name.into_owned()), value.into_owned());
        Fields(self.0.into_iter().map(owned).collect())
    }

    pub(super) fn into_text(self, name: &str) -> Cow<'a, str> {
        match self.0.into_iter().find(|(candidate, _)| candidate == name) {
            Some((_, Node::Text(text))) => text,
            _ => Cow::Borrowed(""),
        }
    }

    /// Every group of fields, however nested, that has a field of this name.
    ///
    /// Subscription events wrap their entries differently by event, format and number of entries
    /// (docs/wechat.md §3.1); what they all have is a template id in each entry.
    pub(crate) fn groups_with(&self, name: &str) -> Vec<&Fields<'a>> {
        let mut groups = Vec::new();
        self.collect_groups(name, &mut groups);
        groups
    }

    fn collect_groups<'s>(&'s self, name: &str, groups: &mut Vec<&'s Fields<'a>>) {
        if self.find(name).is_some() {
            groups.push(self);
        }
        for (_, value) in &self.0 {
            value.collect_groups(name, groups);
        }
    }
}

impl<'a> Node<'a> {
    fn into_owned(self) -> Node<'static> {
        match self {
            Self::Text(text) => Node::Text(Cow::Owned(text.into_owned())),
            Self::Number(number) => Node::Number(number),
            Self::Fields(fields) => Node::Fields(fields.into_owned()),
            Self::Items(items) => Node::Items(items.into_iter().map(Node::into_owned).collect()),
        }
    }

    fn collect_groups<'s>(&'s self, name: &str, groups: &mut Vec<&'s Fields<'a>>) {
        match self {
            Self::Text(_) | Self::Number(_) => {}
            Self::Fields(fields) => fields.collect_groups(name, groups),
            Self::Items(items) => items.iter().for_each(|item| item.collect_groups(name, groups)),
        }
    }
}

/// Counts fields down, over the whole document.
pub(super) struct Budget(usize);

impl Budget {
    pub(super) fn new() -> Self {
        Self(MAX_FIELDS)
    }

    pub(super) fn spend(&mut self) -> Result<(), Malformation> {
        self.0 = self.0.checked_sub(1).ok_or(Malformation::TooManyFields)?;
        Ok(())
    }
}
