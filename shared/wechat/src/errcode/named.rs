//! The codes that something is decided by, named after WeChat's errmsg. What to do about them is in the table.

use super::ErrCode;

impl ErrCode {
    /// WeChat failed, or is busy; what it was asked for may have been done all the same.
    pub const SYSTEM_ERROR: Self = Self(-1);
    /// Success.
    pub const OK: Self = Self(0);
    /// The credential is refused; at the token endpoint, the AppSecret is wrong.
    pub const INVALID_CREDENTIAL: Self = Self(40001);
    /// The openid is not one of this account.
    pub const INVALID_OPENID: Self = Self(40003);
    /// The media is unknown: an upload lives three days.
    pub const INVALID_MEDIA_ID: Self = Self(40007);
    /// An appid is refused; of a template message, the one of its mini-program link.
    pub const INVALID_APPID: Self = Self(40013);
    /// The login code is none, or another mini program's.
    pub const INVALID_CODE: Self = Self(40029);
    /// The template is not one of this account, or of another kind.
    pub const INVALID_TEMPLATE_ID: Self = Self(40037);
    /// The AppSecret is wrong.
    pub const INVALID_APPSECRET: Self = Self(40125);
    /// The login code was used before.
    pub const CODE_BEEN_USED: Self = Self(40163);
    /// The caller's address is not in the whitelist.
    pub const INVALID_IP: Self = Self(40164);
    /// A template message's mini-program page is refused.
    pub const INVALID_WEAPP_PAGEPATH: Self = Self(40165);
    /// WeChat lets no user log in whom it takes for a risk.
    pub const CODE_BLOCKED: Self = Self(40226);
    /// The same text went to the same user less than a minute ago.
    pub const DUPLICATE_WITHIN_A_MINUTE: Self = Self(40241);
    /// WeChat blocked the template message for what it says.
    pub const TEMPLATE_MESSAGE_BLOCKED: Self = Self(40249);
    /// The request has no login code.
    pub const CODE_MISSING: Self = Self(41008);
    /// The page is not in the released mini program.
    pub const INVALID_PAGE: Self = Self(41030);
    /// The access_token has expired.
    pub const ACCESS_TOKEN_EXPIRED: Self = Self(42001);
    /// The user does not follow.
    pub const REQUIRE_SUBSCRIBE: Self = Self(43004);
    /// The user has no credit left for this template, or refuses it.
    pub const USER_REFUSES: Self = Self(43101);
    /// The account or the template may send no subscription messages.
    pub const SUBSCRIPTION_BANNED: Self = Self(43107);
    /// Another message to the same user is on its way at this moment.
    pub const CONCURRENT_SENDS: Self = Self(43108);
    /// WeChat has banned the template.
    pub const TEMPLATE_BANNED: Self = Self(43116);
    /// This user was sent too many messages lately.
    pub const TOO_FREQUENT_TO_USER: Self = Self(43117);
    /// The day's quota of this call is used up.
    pub const DAILY_QUOTA_REACHED: Self = Self(45009);
    /// Too many calls in this minute.
    pub const MINUTE_QUOTA_REACHED: Self = Self(45011);
    /// The caller's address is not in the whitelist, in the words of other endpoints than [`Self::INVALID_IP`].
    pub const CLIENTIP_NOT_REGISTERED: Self = Self(45035);
    /// The same client_msg_id was sent before.
    pub const CLIENTMSGID_EXIST: Self = Self(45065);
    /// The message has words that WeChat lets nobody send.
    pub const SENSITIVE_WORDS: Self = Self(45168);
    /// There is no such user.
    pub const USER_NOT_EXIST: Self = Self(46004);
    /// A value breaks the type of its keyword.
    pub const ARGUMENT_INVALID: Self = Self(47003);
    /// The account may not make this call.
    pub const API_UNAUTHORIZED: Self = Self(48001);
    /// The account may not send this kind of message.
    pub const MESSAGE_TYPE_UNAUTHORIZED: Self = Self(48008);
    /// The account's owner is restricted.
    pub const USER_LIMITED: Self = Self(50002);
    /// The user does not follow any more.
    pub const USER_UNSUBSCRIBED: Self = Self(50005);
    /// The caller's address is not in the whitelist, as some service accounts are told.
    pub const CLIENTIP_NOT_IN_WHITELIST: Self = Self(61004);
    /// WeChat keeps this message from a minor.
    pub const MINOR_PROTECTED: Self = Self(70000);
    /// There is no such path to ask the quota of.
    pub const CGI_PATH_NOT_FOUND: Self = Self(76021);
    /// The account's administrator has yet to confirm the caller's address.
    pub const IP_NOT_CONFIRMED: Self = Self(89503);
    /// The account's administrator refused the caller's address; a day has to pass.
    pub const IP_REFUSED_FOR_A_DAY: Self = Self(89506);
    /// The account's administrator refused the caller's address; an hour has to pass.
    pub const IP_REFUSED_FOR_AN_HOUR: Self = Self(89507);
}
