//! What goes wrong in scenes and walks, and where. The simulator plans by text, because its control API speaks JSON;
//! here a slip of the pen does not compile.

use std::fmt;

use jiff::Timestamp;
use simulator::faults::{Disturbance, Fault, Planned};
use simulator::wechat::AccountName;
use wechat::ErrCode;

/// Not done, and nobody hears that it was not.
pub const REQUEST_LOST: Fault = Fault::DropRequest(true);
/// Done, and nobody hears that it was.
pub const ANSWER_LOST: Fault = Fault::DropReply(true);
/// It happens, and WeChat never calls back about it.
pub const CALLBACK_LOST: Fault = Fault::Drop(true);

/// WeChat does nothing and says why.
pub const fn refusal(errcode: ErrCode) -> Fault {
    Fault::Errcode(errcode.0)
}

/// Where something can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    Wechat(Call),
    /// Every message of this account.
    Sends(AccountName),
    Table(Table),
    Scheduler(Scheduler),
    Callback(Event),
}

impl Endpoint {
    /// `fault` will happen here, so many times.
    pub fn meets(self, fault: Fault, times: u32) -> Planned {
        Planned { endpoint: self.to_string(), fault, times }
    }

    /// `fault` happens here all the time from one instant to before another.
    pub fn disturbed(self, fault: Fault, from: Timestamp, until: Timestamp) -> Disturbance {
        Disturbance { endpoint: self.to_string(), fault, from, until }
    }
}

/// As the simulator's plan says it.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wechat(call) => f.write_str(call.path()),
            Self::Sends(AccountName::MiniProgram) => f.write_str("sends:mini_program"),
            Self::Sends(AccountName::ServiceAccount) => f.write_str("sends:service_account"),
            Self::Table(operation) => write!(f, "dynamodb:{operation:?}"),
            Self::Scheduler(operation) => write!(f, "scheduler:{operation:?}"),
            Self::Callback(event) => write!(f, "push:{}", event.name()),
        }
    }
}

/// A call of WeChat's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    StableToken,
    Jscode2session,
    UserInfo,
    UserInfoBatchget,
    TemplateSend,
    SubscribeSend,
    SubscribeBizsend,
    CustomSend,
    MediaUpload,
    QrcodeCreate,
    NewtmplGettemplate,
}

impl Call {
    pub const fn path(self) -> &'static str {
        match self {
            Self::StableToken => "/cgi-bin/stable_token",
            Self::Jscode2session => "/sns/jscode2session",
            Self::UserInfo => "/cgi-bin/user/info",
            Self::UserInfoBatchget => "/cgi-bin/user/info/batchget",
            Self::TemplateSend => "/cgi-bin/message/template/send",
            Self::SubscribeSend => "/cgi-bin/message/subscribe/send",
            Self::SubscribeBizsend => "/cgi-bin/message/subscribe/bizsend",
            Self::CustomSend => "/cgi-bin/message/custom/send",
            Self::MediaUpload => "/cgi-bin/media/upload",
            Self::QrcodeCreate => "/cgi-bin/qrcode/create",
            Self::NewtmplGettemplate => "/wxaapi/newtmpl/gettemplate",
        }
    }
}

/// An operation of DynamoDB, by its own name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    GetItem,
    PutItem,
    UpdateItem,
    BatchGetItem,
    Query,
    TransactWriteItems,
    DeleteItem,
}

/// An operation of EventBridge Scheduler, by its own name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheduler {
    CreateSchedule,
    DeleteSchedule,
}

/// What WeChat calls back about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    Subscribe,
    Unsubscribe,
    Scan,
    UserEnterTempsession,
    SubscribeMsgPopup,
    SubscribeMsgChange,
    SubscribeMsgSent,
    TemplateSendJobFinish,
}

impl Event {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Subscribe => "subscribe",
            Self::Unsubscribe => "unsubscribe",
            Self::Scan => "SCAN",
            Self::UserEnterTempsession => "user_enter_tempsession",
            Self::SubscribeMsgPopup => "subscribe_msg_popup_event",
            Self::SubscribeMsgChange => "subscribe_msg_change_event",
            Self::SubscribeMsgSent => "subscribe_msg_sent_event",
            Self::TemplateSendJobFinish => "TEMPLATESENDJOBFINISH",
        }
    }
}

impl From<Call> for Endpoint {
    fn from(call: Call) -> Self {
        Self::Wechat(call)
    }
}

impl From<Table> for Endpoint {
    fn from(operation: Table) -> Self {
        Self::Table(operation)
    }
}

impl From<Scheduler> for Endpoint {
    fn from(operation: Scheduler) -> Self {
        Self::Scheduler(operation)
    }
}

impl From<Event> for Endpoint {
    fn from(event: Event) -> Self {
        Self::Callback(event)
    }
}
