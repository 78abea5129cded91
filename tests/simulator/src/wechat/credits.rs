//! What a user has agreed to receive: one message per accept, or messages without end while a long-term
//! grant stands (docs/wechat.md §9.4).

use std::collections::{BTreeMap, BTreeSet};

use super::accounts::AccountName;
use super::templates::{Kind, Template};

type Key = (AccountName, String);

#[derive(Debug, Clone, Default)]
pub(crate) struct Credits {
    one_time: BTreeMap<Key, u32>,
    long_term: BTreeSet<Key>,
}

impl Credits {
    /// One-time accepts accumulate; a long-term one is simply there.
    pub(crate) fn accept(&mut self, template: &Template) {
        match template.kind {
            Kind::OneTime => *self.one_time.entry(key(template)).or_default() += 1,
            Kind::LongTerm => {
                self.long_term.insert(key(template));
            }
        }
    }

    /// Takes what one message costs; `false` if the user never agreed to it.
    pub(crate) fn spend(&mut self, template: &Template) -> bool {
        match template.kind {
            Kind::LongTerm => self.long_term.contains(&key(template)),
            Kind::OneTime => match self.one_time.get_mut(&key(template)) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    true
                }
                _ => false,
            },
        }
    }

    /// The user changed their mind in the settings.
    pub(crate) fn revoke(&mut self, template: &Template) {
        self.one_time.remove(&key(template));
        self.long_term.remove(&key(template));
    }

    /// How many messages of each template would still be taken; a long-term grant counts as one.
    pub(crate) fn counts(&self) -> BTreeMap<String, u32> {
        let long_term = self.long_term.iter().map(|(_, template_id)| (template_id.clone(), 1));
        let one_time = self.one_time.iter().map(|((_, template_id), count)| (template_id.clone(), *count));
        long_term.chain(one_time).collect()
    }
}

fn key(template: &Template) -> Key {
    (template.account, template.template_id.clone())
}
