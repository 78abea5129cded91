//! The whole story of design §1 in simulated time, told on standard output.

use crate::options::{Failure, Options};

/// Starts a world of its own (the pace of `options` is not heeded), plays, narrates; an error is a message
/// that did not arrive where it should.
pub async fn tell(_options: Options) -> Result<(), Failure> {
    Err(Failure::Story("this program was built without a story".to_owned()))
}
