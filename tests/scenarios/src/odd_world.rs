//! WeChat's documents in the forms that the field has seen: every one is understood, and nothing is told twice or not at all.

use simulator::wechat::Oddity;

use crate::scene::{AT, SUBSCRIPTION, followed, passport, play, registered, session, states, told};
use crate::verbs::Verbs;
use crate::wire::{MINI, SERVICE};

const ALL: [Oddity; 4] =
    [Oddity::OddBytes, Oddity::ListOfOne, Oddity::CreateTimeNumber, Oddity::JsonAsTextXml];

#[tokio::test(flavor = "multi_thread")]
async fn documents_of_every_odd_form_are_understood() {
    play(async |scene| {
        for account in [MINI, SERVICE] {
            scene.change_account(account, |account| account.oddities = ALL.to_vec());
        }
        let person = scene.subscriber("小红", 1).await;
        assert_eq!(person.enters_session("follow").await.status, 200);
        assert_eq!(
            session(&person).await.len(),
            2,
            "what the mini program wrote is known in spite of its odd bytes"
        );
        assert_eq!(person.says("service_account", "你好").await.status, 200);
        person.follows().await;
        assert!(followed(&person).await);
        let reminder = registered(&person, passport(AT)).await;
        person.unfollows().await;
        assert!(!followed(&person).await);
        scene.advance_to("2027-01-12T10:00:00+08:00").await;
        assert_eq!(told(&person).await, ["01-12 09:00 subscription in service_notifications"]);
        assert_eq!(states(&person, &reminder.body["id"]).await, ["delivered mini_subscription"]);
        let answered = scene.world.platform().callbacks();
        let statuses = answered.iter().flat_map(|callback| &callback.attempts).map(|attempt| attempt.status);
        assert!(statuses.clone().all(|status| status == Some(200)), "{:?}", statuses.collect::<Vec<_>>());
        assert_eq!(
            person.gets("/me").await.body["credits"][SUBSCRIPTION],
            0,
            "the one credit was counted and used"
        );
    })
    .await;
}
