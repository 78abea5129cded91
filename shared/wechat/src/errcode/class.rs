//! The classes of error codes.

/// What to do about a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrClass {
    /// Done, or done before.
    Ok,
    /// The access_token is refused: read it anew once, repeat the call once.
    Token,
    /// WeChat failed: repeat with growing pauses. For a send without idempotency key the outcome is unknown.
    Retry,
    /// Too many calls this minute: wait for the next.
    Rate,
    /// The day's or the month's allowance is used up: wait for its reset, and say so.
    Quota,
    /// This user cannot be reached this way now: take another.
    Recipient,
    /// This message can never be sent.
    Content,
    /// Somebody has to change something in a console: say so.
    Config,
    /// Our own request is wrong.
    Bug,
    /// The user's login or consent is void: ask for a new one.
    Login,
    /// Nothing depends on it: typing indicators, diagnostics, features not used here.
    Ignore,
    /// A code that is not in the table: tell somebody, and repeat seldom until it is known what it means.
    Unknown,
}
