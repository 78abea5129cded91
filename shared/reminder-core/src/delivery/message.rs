//! The message of a push: made for its channel from the settings as they are now, and sent by one call to WeChat.

use wechat::{
    AppId, CallError, ErrCode, MiniProgramLink, Notification, SentMessage, SubscribeMessage, TemplateId,
    TemplateMessage,
};

use super::facts::Facts;
use crate::app::App;
use crate::app::wechat::WechatError;
use crate::channel::Channel;
use crate::reminder::Attempt;
use crate::settings::MiniprogramState;
use crate::settings::render::render;

/// The values are rendered in this language's forms.
const LANG: &str = "zh_CN";

pub(super) enum Message {
    Template(TemplateMessage),
    Subscription(SubscribeMessage),
    Notification(Notification),
}

/// Why a message cannot be made: the settings or the user changed since the item was saved.
#[derive(Debug)]
pub(super) struct UnfitError(pub(super) String);

impl Message {
    /// Tapping a service account's message opens the mini program, which is `appid`.
    pub(super) fn make(attempt: &Attempt, facts: &Facts<'_>, appid: &AppId) -> Result<Self, UnfitError> {
        let data = data(attempt.channel, facts)?;
        let follower = || {
            let follower = attempt.follower.clone();
            follower.ok_or_else(|| UnfitError("the user's follower is not known any more".to_owned()))
        };
        let template_id = facts.configured(attempt.channel).map(|own| own.template_id.as_str());
        let template_id = TemplateId::from(template_id.unwrap_or_default());
        let page = facts.reminder.content.page_of(&facts.reminder.id);
        let link = |page| Some(MiniProgramLink { appid: appid.clone(), pagepath: page });
        Ok(match attempt.channel {
            Channel::MiniSubscription => Self::Subscription(SubscribeMessage {
                touser: facts.reminder.openid.clone(),
                template_id,
                page,
                data,
                miniprogram_state: state(facts.settings.miniprogram_state),
                lang: LANG,
            }),
            Channel::ServiceTemplate => Self::Template(TemplateMessage {
                touser: follower()?,
                template_id,
                url: None,
                miniprogram: link(page),
                client_msg_id: Some(facts.push.client_msg_id(&facts.reminder.id)),
                data,
            }),
            Channel::ServiceNotification => Self::Notification(Notification {
                touser: follower()?,
                template_id,
                page: None,
                miniprogram: link(page),
                data,
            }),
        })
    }

    /// `in_time` is asked before every single call: a fresh access_token may have taken a while.
    pub(super) async fn send(
        &self,
        app: &App,
        channel: Channel,
        in_time: impl Fn() -> Result<(), CallError>,
    ) -> Result<SentMessage, WechatError> {
        let in_time = &in_time;
        let account = channel.account();
        app.wechat
            .call(account, |client, token| async move {
                in_time()?;
                match self {
                    Self::Template(message) => client.template_send(&token, message).await,
                    Self::Subscription(message) => client.subscribe_send(&token, message).await,
                    Self::Notification(message) => client.subscribe_bizsend(&token, message).await,
                }
            })
            .await
    }

    /// The message without the page that a tap leads to, if this code refuses that.
    pub(super) fn without_what_is_refused(&self, errcode: ErrCode) -> Option<Self> {
        let link_refused = [ErrCode::INVALID_APPID, ErrCode::INVALID_WEAPP_PAGEPATH, ErrCode::INVALID_PAGE]
            .contains(&errcode);
        match self {
            Self::Template(message) if link_refused && message.miniprogram.is_some() => {
                Some(Self::Template(TemplateMessage { miniprogram: None, ..message.clone() }))
            }
            Self::Notification(message) if link_refused && message.miniprogram.is_some() => {
                Some(Self::Notification(Notification { miniprogram: None, ..message.clone() }))
            }
            Self::Subscription(message) if errcode == ErrCode::INVALID_PAGE && message.page.is_some() => {
                Some(Self::Subscription(SubscribeMessage { page: None, ..message.clone() }))
            }
            Self::Template(_) | Self::Notification(_) | Self::Subscription(_) => None,
        }
    }
}

fn data(channel: Channel, facts: &Facts<'_>) -> Result<Vec<(String, String)>, UnfitError> {
    let content = &facts.reminder.content;
    let Some(template) = facts.settings.templates.get(&content.template) else {
        return Err(UnfitError("its template is not in the settings any more".to_owned()));
    };
    let Some(own) = template.of(channel) else {
        return Err(UnfitError(format!("the settings have no {channel} for its template any more")));
    };
    let values = match facts.push.wordless.contains(&channel) {
        true => content.values_without_words(&facts.settings.neutral_title, facts.now),
        false => content.values(facts.now),
    };
    render(&own.data, &values).map_err(|misfits| {
        let misfits = misfits.iter().map(|misfit| format!("{}: {}", misfit.keyword, misfit.rule));
        UnfitError(misfits.collect::<Vec<_>>().join("; "))
    })
}

fn state(state: MiniprogramState) -> wechat::MiniProgramState {
    match state {
        MiniprogramState::Developer => wechat::MiniProgramState::Developer,
        MiniprogramState::Trial => wechat::MiniProgramState::Trial,
        MiniprogramState::Formal => wechat::MiniProgramState::Formal,
    }
}

#[cfg(test)]
mod tests;
