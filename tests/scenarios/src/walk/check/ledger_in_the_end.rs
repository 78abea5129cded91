//! "In the end the ledger is WeChat's": once everything works and time has passed, nobody has messages left that we do
//! not know of. One that may be gone counts as known: it is tried when nothing better is left. (That we never believe in more than there are is the checker [`super::ledger`]'s.)

use jiff::SignedDuration;

use super::Violation;

pub(crate) const NAME: &str = "ledger_in_the_end";

/// So long after everything works again.
pub(crate) const AFTER: SignedDuration = SignedDuration::from_hours(24);

pub(crate) fn judge(name: &str, belief: u64, truth: u32) -> Result<(), Violation> {
    if belief >= u64::from(truth) {
        return Ok(());
    }
    let what = format!("{name} has {truth} messages left on the platform, and for ever {belief} with us");
    Err(Violation::new(NAME, None, what))
}
