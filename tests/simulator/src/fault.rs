//! What can go wrong with one request or one push, in the control API's own words.

use serde::{Deserialize, Serialize};

/// `true` says no more than the word itself; JSON wants a value there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Not done; WeChat answers this error code.
    Errcode(i64),
    /// Not done; the service answers this status.
    HttpStatus(u16),
    /// Not done, and the connection closes without an answer: to its maker the same as `DropReply`.
    DropRequest(bool),
    /// Done, but the connection closes without an answer.
    DropReply(bool),
    /// Done at once; the answer is this late, in real time.
    DelayMs(u64),
    /// The function that made the request dies there.
    Crash(Crash),
    /// Done at once; the environment that asked stands still for so many seconds of the world's time before it hears
    /// the answer, and goes on then.
    FreezeS(u32),
    /// A push that never leaves WeChat.
    Drop(bool),
    /// A push delivered this many more times.
    Repeat(u32),
    /// A push that leaves this many seconds late.
    AfterS(i64),
    /// A receipt whose `MsgID` is 0 (docs/wechat.md §10.4).
    ZeroMsgid(bool),
}

/// Whether the request took effect before its maker died.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Crash {
    Before,
    After,
}
