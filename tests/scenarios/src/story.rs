//! The story that `cargo run -- story` tells, in both worlds.

use simulator::options::Options;
use simulator::story;

#[tokio::test(flavor = "multi_thread")]
async fn story_ends_well_with_both_accounts() {
    story::tell(Options::default()).await.expect("every message arrives");
}

#[tokio::test(flavor = "multi_thread")]
async fn story_of_what_is_repeated_ends_well() {
    story::repeat::tell(Options::default()).await.expect("every message arrives");
}

#[tokio::test(flavor = "multi_thread")]
async fn story_ends_well_with_only_a_mini_program() {
    story::tell(Options { service_account: false, ..Options::default() })
        .await
        .expect("every message arrives");
}
