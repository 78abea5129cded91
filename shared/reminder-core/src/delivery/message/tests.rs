//! What is sent on a channel, in words: to whom, what it says, what a tap opens; and what is left of it where WeChat refuses
//! that.

use super::super::situation::Situation;
use super::*;
use crate::channel::Channel::{MiniSubscription, ServiceNotification, ServiceTemplate};

const NOON: &str = "2027-02-01T12:00:00+08:00";

/// Linked, with a page of the mini program.
fn situation() -> Situation {
    let mut situation = Situation::at(NOON).user(&["linked", "follows"]);
    situation.reminder.content.page = Some("pages/item".to_owned());
    situation
}

fn make(situation: &Situation, channel: Channel) -> Result<Message, UnfitError> {
    Message::make(&situation.attempt(channel), &situation.facts(), &AppId::from("wx1"))
}

fn opens(link: Option<&MiniProgramLink>) -> String {
    let page = |link: &MiniProgramLink| link.pagepath.clone().unwrap_or_else(|| "its first page".to_owned());
    link.map_or("nothing".to_owned(), |link| format!("{} at {}", link.appid.as_str(), page(link)))
}

fn words(message: &Message) -> String {
    let (touser, template_id, opens, data) = match message {
        Message::Template(message) => {
            (&message.touser, &message.template_id, opens(message.miniprogram.as_ref()), &message.data)
        }
        Message::Notification(message) => {
            (&message.touser, &message.template_id, opens(message.miniprogram.as_ref()), &message.data)
        }
        Message::Subscription(message) => {
            let page = message.page.clone().unwrap_or_else(|| "nothing".to_owned());
            (&message.touser, &message.template_id, page, &message.data)
        }
    };
    let values: Vec<&str> = data.iter().map(|(_, value)| value.as_str()).collect();
    let template = &template_id.as_str()[..2];
    format!("{template} to {}: {}; opens {opens}", touser.as_str(), values.join(", "))
}

#[test]
fn message_says_what_the_settings_fill_its_template_with() {
    let rows = [
        (ServiceTemplate, "kQ to s-alice: 护照, 2027年3月1日 00:00, 无; opens wx1 at pages/item"),
        (MiniSubscription, "M7 to o-alice: 护照, 2027年3月1日, 无; opens pages/item"),
        (
            ServiceNotification,
            "pL to s-alice: 护照, 2027年3月1日 00:00, 还剩28天，记得处理; opens wx1 at pages/item",
        ),
    ];
    for (channel, expected) in rows {
        let mut situation = situation();
        let message = make(&situation, channel).expect("it can be made");
        assert_eq!(words(&message), expected, "{channel}");
        situation.push().wordless = vec![channel];
        let wordless = words(&make(&situation, channel).expect("it can be made"));
        let neutral = expected.replace("护照", &situation.settings.neutral_title);
        assert_eq!(wordless, neutral, "{channel}: without the user's words, where they are refused");
    }
}

#[test]
fn only_a_template_message_has_an_id_of_its_own() {
    let situation = situation();
    let Ok(Message::Template(message)) = make(&situation, ServiceTemplate) else {
        panic!("a template message")
    };
    let expected = situation.reminder.pushes[0].client_msg_id(&situation.reminder.id);
    assert_eq!(message.client_msg_id, Some(expected));
}

#[test]
fn message_opens_the_version_of_the_mini_program_that_the_settings_say() {
    for (of_settings, expected) in [
        (MiniprogramState::Developer, wechat::MiniProgramState::Developer),
        (MiniprogramState::Trial, wechat::MiniProgramState::Trial),
        (MiniprogramState::Formal, wechat::MiniProgramState::Formal),
    ] {
        let mut situation = situation();
        situation.settings.miniprogram_state = of_settings;
        let Ok(Message::Subscription(message)) = make(&situation, MiniSubscription) else {
            panic!("a subscription message")
        };
        assert_eq!((message.miniprogram_state, message.lang), (expected, "zh_CN"));
    }
}

#[test]
fn message_is_unfit_where_settings_or_user_have_changed() {
    type Alter = fn(&mut Situation);
    let unlinked: Alter = |s| *s = Situation::at(NOON);
    let no_template: Alter = |s| s.reminder.content.template = "warranty".to_owned();
    let no_channel: Alter = |s| {
        let template = s.settings.templates.get_mut("expiry").expect("it is there");
        template.without(MiniSubscription);
    };
    let rows = [
        ("no follower", ServiceTemplate, unlinked, "the user's follower is not known any more"),
        ("no follower", ServiceNotification, unlinked, "the user's follower is not known any more"),
        ("no template", MiniSubscription, no_template, "its template is not in the settings any more"),
        (
            "no channel",
            MiniSubscription,
            no_channel,
            "the settings have no mini_subscription for its template any more",
        ),
    ];
    for (case, channel, alter, expected) in rows {
        let mut situation = situation();
        alter(&mut situation);
        let why = make(&situation, channel).err().map(|UnfitError(why)| why);
        assert_eq!(why.as_deref(), Some(expected), "{case}: {channel}");
    }
    let mut unlinked = Situation::at(NOON);
    unlinked.reminder.content.page = None;
    let message = make(&unlinked, MiniSubscription).expect("it needs no follower");
    assert!(words(&message).ends_with("; opens nothing"));
}

#[test]
fn message_is_sent_without_the_page_that_wechat_refuses_and_only_then() {
    use ErrCode as Code;
    let rows: &[(ErrCode, [bool; 3])] = &[
        // Template message, subscription message, notification.
        (Code::INVALID_APPID, [true, false, true]),
        (Code::INVALID_WEAPP_PAGEPATH, [true, false, true]),
        (Code::INVALID_PAGE, [true, true, true]),
        (Code::USER_REFUSES, [false, false, false]),
    ];
    for (errcode, expected) in rows {
        for (channel, lesser) in
            [ServiceTemplate, MiniSubscription, ServiceNotification].into_iter().zip(expected)
        {
            let message = make(&situation(), channel).expect("it can be made");
            let left = message.without_what_is_refused(*errcode);
            assert_eq!(left.is_some(), *lesser, "{channel} {errcode}");
            let Some(left) = left else { continue };
            let whole = words(&message);
            let (before, _) = whole.split_once("; opens ").expect("it opens something");
            assert_eq!(words(&left), format!("{before}; opens nothing"), "{channel} {errcode}");
            let again = left.without_what_is_refused(*errcode);
            assert!(again.is_none(), "{channel} {errcode}: there is nothing more to leave out");
        }
    }
}
