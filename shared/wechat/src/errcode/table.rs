//! Every code of docs/wechat.md §13.2, and those of §4.4, §5.2, §8, §9.5 and §10.3 that it leaves out.

use super::class::ErrClass::{
    self, Bug, Config, Content, Ignore, Login, Ok, Quota, Rate, Recipient, Retry, Token,
};

/// A run of codes that mean the same.
pub(super) struct Row {
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) class: ErrClass,
    pub(super) meaning: Both,
    pub(super) advice: Both,
}

/// In English and in Chinese.
pub(super) type Both = (&'static str, &'static str);

const fn row(first: i64, last: i64, class: ErrClass, meaning: Both, advice: Both) -> Row {
    Row { first, last, class, meaning, advice }
}

const fn one(code: i64, class: ErrClass, meaning: Both, advice: Both) -> Row {
    row(code, code, class, meaning, advice)
}

const REPORT: Both = ("Report it as a fault of this program.", "这是本程序的缺陷，请反馈给作者。");
const NOTHING: Both = ("Nothing to do.", "不用处理。");
const WAIT: Both = ("Wait; it is repeated by itself.", "稍等，会自动重试。");
const NOTICE: Both = ("Read the notice in WeChat's console.", "看微信后台的通知。");

/// In ascending order, without overlap.
#[rustfmt::skip]
pub(super) const TABLE: &[Row] = &[
    one(-1, Retry, ("WeChat is busy", "微信繁忙"), WAIT),
    one(0, Ok, ("done", "成功"), NOTHING),
    one(20001, Retry, ("WeChat failed while managing templates", "微信处理模板时出错"), ("Try again later.", "过一会儿再试。")),
    one(40001, Token, ("the access_token or the AppSecret is not valid", "access_token 或 AppSecret 无效"), ("If it stays, check the AppSecret in the secrets.", "一直如此的话，检查密钥里的 AppSecret。")),
    one(40002, Bug, ("the grant_type is not valid", "grant_type 无效"), REPORT),
    one(40003, Recipient, ("the openid is not valid at this account", "openid 不属于这个账号"), ("Check that the openid belongs to this account; the user may have closed theirs.", "检查 openid 是不是这个账号的；用户也可能已注销。")),
    one(40004, Bug, ("the kind of media is not valid", "素材类型不对"), ("Use a PNG, JPEG or GIF picture.", "请用 PNG、JPEG 或 GIF 图片。")),
    one(40005, Bug, ("the kind of file is not valid", "文件类型不对"), ("Use a PNG, JPEG or GIF picture.", "请用 PNG、JPEG 或 GIF 图片。")),
    one(40006, Bug, ("the file is too large or empty", "文件太大或是空的"), ("Use a picture below 2 MB.", "请用 2 MB 以内的图片。")),
    one(40007, Retry, ("the media has expired or is unknown", "素材已过期或不存在"), ("Upload the picture again; uploads live three days.", "重新上传图片；上传的素材只保留三天。")),
    one(40008, Bug, ("the kind of message is not valid", "消息类型不对"), REPORT),
    one(40013, Config, ("the appid is not valid", "appid 无效"), ("Check the appid in the secrets; for a template message, link the mini program to the service account.", "检查密钥里的 appid；发模板消息时，要把小程序关联到服务号。")),
    one(40014, Token, ("the access_token is not valid", "access_token 无效"), ("Nothing to do; a newer one is fetched.", "不用处理，会自动换新的。")),
    one(40029, Login, ("the login code is not valid", "登录 code 无效"), ("Call wx.login again; if it stays, mini program and secrets do not belong together.", "重新调用 wx.login；一直如此的话，密钥不是这个小程序的。")),
    one(40033, Bug, ("the request has \\u escapes", "请求里有 \\u 转义"), REPORT),
    one(40035, Bug, ("a parameter is not valid", "参数无效"), REPORT),
    row(40036, 40037, Config, ("the template id is not valid at this account", "这个账号没有这个模板 ID"), ("Choose a template id from templates.list for this account and channel.", "从 templates.list 里选这个账号、这个通道的模板 ID。")),
    one(40039, Config, ("the address behind the message is not valid", "消息的跳转链接无效"), ("Report it as a fault of this program: it gives no addresses.", "这是本程序的缺陷（它不填链接），请反馈给作者。")),
    one(40053, Bug, ("the code's action_info is not valid", "二维码的 action_info 无效"), REPORT),
    one(40058, Bug, ("the code's parameters are not valid", "二维码的参数无效"), REPORT),
    one(40097, Bug, ("the arguments are not valid", "参数无效"), REPORT),
    one(40125, Config, ("the AppSecret is not valid", "AppSecret 无效"), ("Put the current AppSecret into the secrets; a reset voids the old one at once.", "把当前的 AppSecret 写进密钥；重置之后旧的立即失效。")),
    one(40163, Login, ("the login code was used before", "登录 code 已经用过"), ("Call wx.login again; a code is good for one login.", "重新调用 wx.login；一个 code 只能登录一次。")),
    one(40164, Config, ("our address is not in the IP whitelist", "我们的出口 IP 不在 IP 白名单里"), ("Add the address that WeChat saw to the account's IP whitelist; it takes some ten minutes.", "把微信看到的 IP 加进账号的 IP 白名单，约十分钟后生效。")),
    one(40165, Config, ("the mini-program page is not valid", "小程序页面无效"), ("Check that the page exists in the released mini program and that it is linked to the service account.", "检查已发布的小程序里有没有这个页面，小程序有没有关联到服务号。")),
    one(40200, Bug, ("this kind of account cannot do that", "这类账号不能这样做"), REPORT),
    row(40201, 40203, Config, ("the check of the callback's address failed", "回调地址校验失败"), ("Check the callback's address in WeChat's console.", "检查微信后台填的回调地址。")),
    one(40226, Recipient, ("WeChat blocks this user as a risk", "微信判定该用户有风险，已拦截"), ("Nothing to do; the user has to settle it with WeChat.", "不用处理，要由用户自己找微信解决。")),
    row(40230, 40240, Config, ("the call's signature or encryption is missing or wrong", "调用缺少签名或加密，或者不对"), ("Turn the API's security (API 安全) off in WeChat's console: this program does not sign its calls.", "在微信后台关掉“API 安全”：本程序不对调用签名。")),
    one(40241, Rate, ("the same message went to this user within the last 60 seconds", "60 秒内给该用户发过同样的消息"), ("Wait; it is repeated by itself after a minute.", "稍等，一分钟后自动重试。")),
    one(40243, Config, ("the AppSecret is frozen", "AppSecret 已冻结"), ("Unfreeze the AppSecret in WeChat's console; it takes ten minutes.", "在微信后台解冻 AppSecret，约十分钟后生效。")),
    row(40246, 40247, Config, ("a template could not be added", "添加模板失败"), ("Add the template in WeChat's console.", "在微信后台添加模板。")),
    one(40249, Content, ("the message was blocked as not allowed", "消息内容违规，被拦截"), ("Change the words; WeChat's /wxa/sec/queryblocktmplmsg tells more.", "改文案；详情可查微信的 /wxa/sec/queryblocktmplmsg。")),
    one(41001, Bug, ("the access_token is missing", "缺少 access_token"), REPORT),
    one(41002, Bug, ("the appid is missing", "缺少 appid"), ("Check the secrets, then report it as a fault of this program.", "先检查密钥；没问题的话是本程序的缺陷，请反馈给作者。")),
    one(41004, Bug, ("the AppSecret is missing", "缺少 AppSecret"), ("Check the secrets, then report it as a fault of this program.", "先检查密钥；没问题的话是本程序的缺陷，请反馈给作者。")),
    one(41008, Bug, ("the login code is missing", "缺少登录 code"), ("Send the code that wx.login gave.", "要带上 wx.login 给的 code。")),
    one(41009, Bug, ("the openid is missing", "缺少 openid"), REPORT),
    row(41028, 41029, Bug, ("the form_id is not valid or used", "form_id 无效或已用过"), ("Report it as a fault of this program: form_id has been gone since 2020.", "这是本程序的缺陷（form_id 2020 年就没有了），请反馈给作者。")),
    one(41030, Config, ("the page is not in the released mini program", "已发布的小程序里没有这个页面"), ("Release the page, or correct its path; it has no leading slash.", "发布这个页面，或改正路径；开头不带斜杠。")),
    one(42001, Token, ("the access_token has expired", "access_token 已过期"), ("Nothing to do; a newer one is fetched.", "不用处理，会自动换新的。")),
    one(42007, Login, ("the user changed their password", "用户改了密码"), ("Ask the user to authorize again.", "请用户重新授权。")),
    row(43001, 43003, Bug, ("the HTTP method or scheme is wrong", "HTTP 方法或协议不对"), REPORT),
    one(43004, Recipient, ("the user does not follow the service account", "用户没关注服务号"), ("Ask the user to follow the service account.", "请用户关注服务号。")),
    one(43005, Recipient, ("the user is no friend of the account", "用户不是账号的好友"), NOTHING),
    one(43019, Recipient, ("the service account has blacklisted the user", "服务号把该用户拉黑了"), ("Take the user off the blacklist in WeChat's console.", "在微信后台把用户移出黑名单。")),
    one(43101, Recipient, ("the user has not subscribed, or has no message left", "用户没有订阅，或订阅次数已用完"), ("Ask the user to subscribe again.", "请用户再订阅一次。")),
    one(43106, Config, ("a template could not be added", "添加模板失败"), ("Add the template in WeChat's console.", "在微信后台添加模板。")),
    one(43107, Config, ("the account or template may not send subscription messages", "账号或模板不能发订阅消息"), ("Read the notice in WeChat's console; the template or the account is banned.", "看微信后台的通知：模板或账号被封禁了。")),
    one(43108, Retry, ("two messages to one user at the same moment", "同一时刻给同一用户发了两条"), WAIT),
    one(43116, Config, ("the template is banned", "模板已被封禁"), ("Read the notice in WeChat's console, and put another template into the settings.", "看微信后台的通知，在配置里换一个模板。")),
    one(43117, Rate, ("too many messages to this user", "给该用户发得太频繁"), ("Wait; it is repeated by itself, less and less often.", "稍等，会自动重试，间隔越来越长。")),
    one(44002, Bug, ("the request has no body", "请求体是空的"), REPORT),
    one(44004, Bug, ("the message is empty", "消息是空的"), ("Give the reply a text in the settings.", "在配置里给这条回复写上文字。")),
    one(45001, Content, ("the file is too large", "文件太大"), ("Use a picture below 2 MB.", "请用 2 MB 以内的图片。")),
    one(45002, Content, ("the message is too long", "消息太长"), ("Shorten the text; WeChat takes 2048 bytes.", "把文字改短，微信最多收 2048 字节。")),
    one(45008, Bug, ("more than one article", "图文超过一条"), REPORT),
    one(45009, Quota, ("the day's quota of this call is used up", "这个接口今天的额度用完了"), ("Wait for the next day in China, or clear the quota in WeChat's console (ten times a month).", "等到北京时间零点，或在微信后台清零额度（每月十次）。")),
    one(45011, Rate, ("too many calls in this minute", "这一分钟调用太多"), ("Wait; it is repeated by itself after a minute.", "稍等，一分钟后自动重试。")),
    one(45015, Recipient, ("the user has not written within the time for answers", "用户没有在可回复的时间内发过消息"), ("Nothing to do; the user has to write first.", "不用处理，要等用户先发消息。")),
    one(45035, Config, ("our address is not in the IP whitelist", "我们的出口 IP 不在 IP 白名单里"), ("Add our address to the account's IP whitelist; it takes some ten minutes.", "把我们的出口 IP 加进账号的 IP 白名单，约十分钟后生效。")),
    one(45047, Recipient, ("all answers to the user's last message are used", "对用户上一条消息的回复次数已用完"), ("Nothing to do; the user has to write again.", "不用处理，要等用户再发消息。")),
    one(45065, Ok, ("the message with this client_msg_id was sent before", "这个 client_msg_id 的消息已经发过"), NOTHING),
    one(45066, Rate, ("the message was repeated too soon", "消息重发得太快"), ("Wait; it is repeated by itself after a minute.", "稍等，一分钟后自动重试。")),
    one(45067, Bug, ("the client_msg_id is too long", "client_msg_id 太长"), REPORT),
    one(45072, Ignore, ("the typing command is not valid", "输入状态的命令无效"), NOTHING),
    row(45080, 45081, Ignore, ("the typing indicator cannot be shown now", "现在不能显示输入状态"), NOTHING),
    one(45168, Content, ("the message has words that WeChat does not allow", "消息含有微信不允许的词"), ("Change the words.", "改文案。")),
    one(46004, Recipient, ("the user does not exist", "用户不存在"), ("Nothing to do; the account is gone.", "不用处理，账号已经不在了。")),
    one(47001, Bug, ("the request cannot be read", "请求无法解析"), REPORT),
    one(47003, Content, ("a value breaks the type of its keyword", "某个值不符合关键词的类型"), ("Change the value of the keyword that is named, or its mapping in the settings.", "改提到的那个关键词的值，或它在配置里的填法。")),
    one(48001, Config, ("the account may not use this call", "账号没有这个接口的权限"), ("Verify the account with WeChat, or enable the feature in its console.", "给账号做微信认证，或在微信后台开通这个功能。")),
    one(48002, Recipient, ("the user refuses the account's messages", "用户拒收这个账号的消息"), ("Nothing to do; the user has to allow them.", "不用处理，要用户自己重新允许。")),
    one(48003, Config, ("the agreement on mass sending is not accepted", "没有同意群发协议"), ("Accept the agreement in WeChat's console.", "在微信后台同意协议。")),
    one(48004, Config, ("the call is banned for breaking WeChat's rules", "接口因违规被封禁"), NOTICE),
    one(48006, Quota, ("the quota was cleared as often as this month allows", "本月清零额度的次数用完了"), ("Wait for the next month, or for the next day in China.", "等到下个月，或等到北京时间零点。")),
    one(48008, Config, ("the account may not send this kind of message", "账号不能发这类消息"), ("Enable the kind of message in WeChat's console, or choose another.", "在微信后台开通这类消息，或换一类。")),
    row(50001, 50002, Config, ("the account's rights are restricted", "账号的权限受到限制"), NOTICE),
    one(50004, Config, ("the account may not fetch access tokens", "账号不能获取 access_token"), NOTICE),
    one(50005, Recipient, ("the user has unfollowed", "用户取消了关注"), ("Ask the user to follow the service account.", "请用户关注服务号。")),
    one(50007, Config, ("the account is frozen", "账号已冻结"), NOTICE),
    one(61004, Config, ("our address is not in the IP whitelist", "我们的出口 IP 不在 IP 白名单里"), ("Add our address to the account's IP whitelist; it takes some ten minutes.", "把我们的出口 IP 加进账号的 IP 白名单，约十分钟后生效。")),
    one(61450, Retry, ("WeChat's customer service failed", "微信客服系统出错"), WAIT),
    one(70000, Recipient, ("WeChat protects this user as a minor", "微信的未成年人保护拦截了消息"), NOTHING),
    row(76001, 76022, Ignore, ("the diagnostic question is not valid", "诊断接口的参数无效"), ("Check the rid (kept seven days) or the path that was asked about.", "检查 rid（保留七天）或所查的接口路径。")),
    row(85431, 85499, Ignore, ("an answer of the service cards, which are not used here", "服务卡片的应答，这里用不到"), NOTHING),
    one(89503, Config, ("an administrator has to confirm our address", "管理员还没有确认我们的出口 IP"), ("Confirm the request that WeChat sent to the administrator.", "请管理员确认微信发来的请求。")),
    one(89506, Config, ("an administrator refused our address for 24 hours", "管理员拒绝了我们的出口 IP，24 小时内有效"), ("Wait a day, then confirm the request that WeChat sends to the administrator.", "等一天，再请管理员确认微信发来的请求。")),
    one(89507, Config, ("an administrator refused our address for an hour", "管理员拒绝了我们的出口 IP，1 小时内有效"), ("Wait an hour, then confirm the request that WeChat sends to the administrator.", "等一小时，再请管理员确认微信发来的请求。")),
    one(200001, Retry, ("WeChat failed while managing templates", "微信处理模板时出错"), ("Try again later.", "过一会儿再试。")),
    one(200002, Bug, ("the arguments are not valid", "参数无效"), REPORT),
    one(200011, Config, ("the account is banned from templates", "账号被禁止使用模板"), NOTICE),
    one(200012, Config, ("the account has as many templates as it may", "账号的模板数已到上限"), ("Delete a template in WeChat's console.", "在微信后台删掉一个模板。")),
    one(200013, Config, ("the template is banned", "模板已被封禁"), ("Choose another template.", "换一个模板。")),
    one(200014, Bug, ("the tid is not valid", "tid 无效"), REPORT),
    row(200016, 200022, Bug, ("an argument is not valid, or given twice", "参数无效或重复"), REPORT),
    one(200100, Config, ("this kind of account cannot have these templates", "这类账号不能用这些模板"), ("Choose templates of this account's own kind.", "选适合这类账号的模板。")),
];
