//! Records that cannot be read: nobody handles them, so that their users are told nothing. They are met where the doctor
//! looks anyway, in what is due and in what rests; what is due and unreadable stays first there for ever.

use wechat::{Said, said};

use super::finding::Finding;
use crate::app::AppError;
use crate::table::TableError;

/// They are named up to here.
const NAMED_MAX: usize = 10;

/// What could not be read, by what it is and the id of its reminder: an openid says who somebody is.
#[derive(Debug, Default)]
pub(super) struct Unreadable(Vec<Said>);

impl Unreadable {
    /// What was read; none if it cannot be, which is noted. `id`: of the reminder it is about; empty: of none.
    ///
    /// # Errors
    /// Any other trouble of the table.
    pub(super) fn or_read<T>(
        &mut self,
        read: Result<T, TableError>,
        id: &str,
    ) -> Result<Option<T>, AppError> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(TableError::Corrupt { kind, column }) => {
                let called = called(kind);
                let name = match (kind, id) {
                    (_, "") => said!("a {called} ({column})", "一条{called}（{column}）", called),
                    ("reminder", id) => said!("REMINDER#{id} ({column})", "REMINDER#{id}（{column}）"),
                    (_, id) => {
                        said!(
                            "the {called} of REMINDER#{id} ({column})",
                            "REMINDER#{id} 的{called}（{column}）",
                            called
                        )
                    }
                };
                if !self.0.contains(&name) || id.is_empty() {
                    self.0.push(name);
                }
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn judge(&self) -> Finding {
        let named = |text: fn(&Said) -> &str| self.0.iter().take(NAMED_MAX).map(text).collect::<Vec<_>>();
        let named = Said {
            english: named(|name| &name.english).join(", "),
            chinese: named(|name| &name.chinese).join("、"),
        };
        match self.0.len() {
            0 => Finding::ok(
                "records",
                said!("Every record that was looked at can be read.", "检查到的记录都读得出来。"),
            ),
            count => Finding::failed(
                "records",
                said!(
                    "{count} records cannot be read: {named}.",
                    "有 {count} 条记录读不出来：{named}。",
                    named
                ),
                said!(
                    "Restore them from a backup (docs/operations.md, Restore the table), or delete them if nobody is owed anything; then run push.redrive with \"since\".",
                    "从备份恢复（见 docs/operations.zh-CN.md“恢复数据表”），不欠谁的话也可以删掉；然后带 \"since\" 跑 push.redrive。"
                ),
            ),
        }
    }
}

/// A kind of record.
fn called(kind: &'static str) -> Said {
    let chinese = match kind {
        "user" => "用户记录",
        "follower" => "关注者记录",
        "reminder" => "提醒",
        kind => kind,
    };
    Said { english: kind.to_owned(), chinese: chinese.to_owned() }
}
