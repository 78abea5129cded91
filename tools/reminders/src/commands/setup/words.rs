//! What `setup` says, in both languages.

use crate::words::words;

words! { Say {
    // ---- the steps
    StepHead: "── step {} of {}: {}", "── 第 {} 步（共 {} 步）：{}";
    StepTools: "account and tools", "账号与工具";
    StepSecrets: "secrets", "密钥";
    StepDeploy: "stack", "部署";
    StepSettings: "first settings", "首份配置";
    StepConsoles: "WeChat's consoles", "微信后台";
    StepDoctor: "doctor", "体检";
    StepMessage: "test message", "测试消息";
    StoppedAfter: "stopped after “{}”, as asked; run it again to go on", "按要求在“{}”之后停下；再运行一次即继续";
    AllDone: "Everything stands. From now on: reminders doctor --stack {} --region {}",
        "全部就绪。以后可用：reminders doctor --stack {} --region {}";

    // ---- who and where
    Head: "This sets reminders up in an AWS account of yours, in {} steps; the last is a message on your phone.\nAt hand: AppID and AppSecret of the mini program (of the service account, too, if there is one), a template chosen in WeChat's console, and AWS credentials.\nNothing is deployed before you have seen it and said yes. Ctrl-C stops it; the same command goes on from there. What it costs: docs/scale.md.\n",
        "在你自己的 AWS 账号里部署提醒服务，共 {} 步，最后一步是手机收到一条消息。\n请备好：小程序的 AppID 和 AppSecret（有服务号的话，也要服务号的）、在微信后台选好的模板、AWS 凭证。\n先列出变更，你同意之后才部署。Ctrl-C 可随时停下，再运行同一条命令就从停下处继续。费用见 docs/scale.zh-CN.md。\n";
    MiniProgram: "mini program", "小程序";
    ServiceAccount: "service account", "服务号";
    NotLocal: "setup is for AWS: leave --local out", "setup 用于 AWS：请去掉 --local";
    NobodyToAsk: "nobody is there to be asked: give --answers FILE (docs/deploy.md)", "没有人可问：请给 --answers FILE（见 docs/deploy.zh-CN.md）";
    WhichStack: "Name of the stack", "堆栈名";
    NoStackName: "the name of a stack is of letters, digits and hyphens, begins with a letter and has at most 39 characters, such as reminders",
        "堆栈名由字母、数字和连字符组成，以字母开头，最长 39 个字符，例如 reminders";
    WhichRegion: "AWS region (ap-southeast-1 is Singapore, ap-east-1 Hong Kong; with an account of AWS China cn-north-1 or cn-northwest-1)",
        "AWS 区域（ap-southeast-1 新加坡，ap-east-1 香港；AWS 中国账号用 cn-north-1 或 cn-northwest-1）";
    NoRegionName: "no region of AWS is called so; it is a name such as ap-southeast-1", "AWS 没有这样的区域名，应形如 ap-southeast-1";
    NoCredentials: "there are no AWS credentials that can be used: {}\nTry `aws sso login`, `aws configure`, or --profile",
        "没有可用的 AWS 凭证：{}\n试试 `aws sso login`、`aws configure`，或给 --profile";
    AwsRefused: "AWS refused {}: {} {}", "AWS 拒绝了 {}：{} {}";
    AwsSilent: "AWS could not be asked for {}: {}", "无法向 AWS 请求 {}：{}";
    Owner: "AWS account {}, region {}, stack {}", "AWS 账号 {}，区域 {}，堆栈 {}";
    NoFunctionUrls: "of the ways in, {} has only: {}", "区域 {} 只有这些入口：{}";
    NoSources: "this is no clone of the repository: run it there, or give --release DIR with the archives of a release",
        "这里不是仓库的克隆：请在仓库里运行，或用 --release DIR 给出发布的压缩包";
    NoCargoLambda: "`cargo lambda` is needed to build, and is not there. It comes with zig:\n  python3 -m venv .venv/deploy && .venv/deploy/bin/pip install --no-deps -r .ci/requirements-deploy.txt\nOr give --release DIR with the archives of a release",
        "编译要用 `cargo lambda`，这里没有。它和 zig 一起安装：\n  python3 -m venv .venv/deploy && .venv/deploy/bin/pip install --no-deps -r .ci/requirements-deploy.txt\n或用 --release DIR 给出发布的压缩包";

    // ---- secrets
    HasServiceAccount: "Is there a verified service account (服务号), too?", "另有已认证的服务号吗？";
    AppId: "AppID of the {} (its console: {})", "{}的 AppID（后台：{}）";
    OddAppId: "this looks unlike an AppID, which is wx and 16 hexadecimal digits; type it again if it is right", "这不像 AppID（wx 加 16 位十六进制数字）；确实没错就再输入一次";
    AppSecret: "AppSecret of the {}; it does not show: ", "{}的 AppSecret（输入不显示）：";
    OddOriginalId: "this looks unlike an original id, which begins with gh_; type it again if it is right", "这不像原始 ID（以 gh_ 开头）；确实没错就再输入一次";
    OriginalId: "Its original id, gh_… (公众号设置 → 账号详情), by which the mini program opens its profile; Enter leaves it out", "服务号的原始 ID，gh_…（公众号设置 → 账号详情），小程序凭它打开服务号主页；不填就回车";
    NoMiniProgram: "the answers name no mini_program", "回答里没有 mini_program";
    NoAppSecret: "there is no AppSecret of the {} yet", "还没有{}的 AppSecret";
    NothingThere: "there is no secret in {}", "{} 里没有密钥";
    OtherAccount: "the secrets {} are of another {}, {}: take another stack, or change them as docs/deploy.md says",
        "密钥 {} 属于另一个{}：{}。请换一个堆栈，或按 docs/deploy.zh-CN.md 修改";
    SecretsUnreadable: "what is in {} is no JSON object", "{} 的内容不是 JSON 对象";
    SecretAccepted: "WeChat accepts appid and AppSecret of the {}", "微信接受{}的 AppID 和 AppSecret";
    SecretWrong: "WeChat does not accept appid and AppSecret of the {}: {} {}", "微信不接受{}的 AppID 和 AppSecret：{} {}";
    SecretNotChecked: "the AppSecret of the {} cannot be checked from this machine ({}); the doctor will", "本机无法验证{}的 AppSecret（{}），稍后由体检验证";
    SecretsKept: "the secrets {} are complete and stay", "密钥 {} 已齐全，保持不变";
    SecretsPut: "the secrets are in {}", "密钥已写入 {}";

    // ---- the stack
    Ingress: "The way in: FunctionUrl while developing, HttpApi for a domain of your own, Both to move from one to the other (docs/deploy.md, “Which way in”)",
        "入口：开发时 FunctionUrl，用自己的域名 HttpApi，从一个换到另一个 Both（见 docs/deploy.zh-CN.md 第 6 节）";
    NoSuchWay: "there is no such way in; type FunctionUrl, HttpApi or Both", "没有这种入口，请输入 FunctionUrl、HttpApi 或 Both";
    Parameter: "--parameter takes NAME=VALUE, not {}", "--parameter 要写成 NAME=VALUE，而不是 {}";
    NoParameter: "the template has no parameter {}", "模板没有参数 {}";
    Building: "building the functions for {}; the first time takes minutes", "正在为 {} 编译函数，第一次要几分钟";
    NotBuilt: "the functions could not be built ({}). For arm64: rustup target add aarch64-unknown-linux-gnu (here: {})",
        "函数编译失败（{}）。arm64 需要：rustup target add aarch64-unknown-linux-gnu（本次：{}）";
    NoFile: "{} cannot be read: {}", "读不了 {}：{}";
    NoRelease: "there is no template-arm64.yaml or template-x86_64.yaml in {}: it is no release's folder", "{} 里没有 template-arm64.yaml 或 template-x86_64.yaml：不是发布目录";
    NotInRelease: "the release in {} is for {}, not for {}: say --parameter Architecture=…, or take another release",
        "{} 里的发布适用于 {}，不适用于 {}：请用 --parameter Architecture=… 指定，或换一个发布";
    NotInSums: "{} is not in SHA256SUMS", "SHA256SUMS 里没有 {}";
    OtherThanSums: "{} is not what SHA256SUMS says: load the release down again", "{} 与 SHA256SUMS 不符：请重新下载";
    Uploaded: "{} is in the bucket {}", "{} 已上传到存储桶 {}";
    ChangeSetLate: "CloudFormation did not say in time what it would do: run it again", "CloudFormation 没有及时给出变更：请再运行一次";
    PlanNew: "new", "新建";
    PlanChanged: "changed", "修改";
    PlanReplaced: "REPLACED", "重建";
    PlanPerhapsReplaced: "replaced, perhaps", "可能重建";
    PlanRemoved: "REMOVED", "删除";
    Deploy: "Deploy this as stack {} to {}?", "把以上部署为堆栈 {}（{}）？";
    Deploying: "{}: {}{} resources", "{}：{}{} 个资源";
    Deployed: "the stack {} stands", "堆栈 {} 已就绪";
    StackStands: "the stack {} is as it should be", "堆栈 {} 无需改动";
    DeployFailed: "the stack {} could not be deployed ({}):\n{}", "堆栈 {} 部署失败（{}）：\n{}";
    StackStuck: "the stack {} is in {}: mend it in CloudFormation's console first", "堆栈 {} 处于 {}：请先在 CloudFormation 控制台处理";
    DeleteStillborn: "The first deployment of {} failed and only its remains are there. Delete them and try again?",
        "{} 的首次部署失败，只剩残余。删除后重试？";

    // ---- settings
    SettingsKept: "there are settings, version {}; they stay", "已有配置（版本 {}），保持不变";
    SettingsPut: "the first settings are version {}: change them with `reminders settings edit`", "首份配置是版本 {}；用 `reminders settings edit` 修改";
    NotListed: "{}: WeChat tells no templates: {}", "{}：微信没有给出模板：{}";
    GoOnWithout: "Make the first settings without them?", "首份配置不要它们，继续？";
    NotWithout: "no first settings without {}: mend that and run it again (an address that WeChat does not know: docs/deploy.md §5)",
        "缺少 {}，没有写首份配置：请先解决再运行（微信不认识出口 IP：见 docs/deploy.zh-CN.md 第 5 节）";
    NoTemplates: "no template fits. Choose one with a thing and a date in the console (mini program: 功能 → 订阅消息 → 公共模板库; service account: 模板消息), then run it again",
        "没有合适的模板。请在后台选一个带 thing 和 date 的（小程序：功能 → 订阅消息 → 公共模板库；服务号：模板消息），再运行一次";
    NoSuchTemplate: "{} has no fitting template {}", "{} 没有可用的模板 {}";
    TemplateUnfit: "{}: “{}” is left out: {}", "{}：略去“{}”：{}";
    NoTitle: "it has no thing for the title", "没有放标题的 thing";
    NoExpiry: "it has neither date nor time", "没有 date 或 time";
    KeywordUnfit: "nothing of ours fits its keyword {}", "关键词 {} 没有可填的内容";
    TemplateTaken: "{}: “{}” ({})", "{}：选用“{}”（{}）";
    ServiceTemplate: "Template messages of the service account (service_template)", "服务号的模板消息（service_template）";
    MiniSubscription: "Subscription messages of the mini program (mini_subscription)", "小程序的订阅消息（mini_subscription）";
    ServiceNotification: "Subscription notifications of the service account (service_notification)", "服务号的订阅通知（service_notification）";
    Templates: "{}: these templates fit, filled like this", "{}：以下模板可用，将这样填写";
    WhichTemplate: "Which one, 1 to {}; 0 for none", "选哪个（1 到 {}，0 表示不用）";
    NoSuchNumber: "this is no number of the list", "列表里没有这个序号";
    Timezone: "Time zone of users who name none", "未指明时区的用户所用的时区";
    NoTimezone: "no time zone is called so; it is a name of IANA's, such as Asia/Shanghai", "没有这个时区，应是 IANA 时区名，例如 Asia/Shanghai";

    // ---- consoles
    MiniProgramConsole: "Mini program, at https://mp.weixin.qq.com: 开发管理 → 消息推送 → 启用\n  URL             {}\n  Token and EncodingAESKey: callback_token and encoding_aes_key under mini_program, in the parameter below\n  消息加密方式    安全模式\n  数据格式        JSON\nThen 开发管理 → 开发设置 → 服务器域名; while developing tick 不校验合法域名 and call {}\nThe parameter: {}",
        "小程序后台 https://mp.weixin.qq.com：开发管理 → 消息推送 → 启用\n  URL             {}\n  Token 和 EncodingAESKey：下面参数里 mini_program 的 callback_token 和 encoding_aes_key\n  消息加密方式    安全模式\n  数据格式        JSON\n然后是 开发管理 → 开发设置 → 服务器域名；开发时勾选“不校验合法域名”，调用 {}\n参数在：{}";
    ServiceAccountConsole: "Service account, at https://mp.weixin.qq.com: first 基本配置 → IP 白名单 (docs/deploy.md §5), then 基本配置 → 服务器配置\n  URL             {}\n  Token and EncodingAESKey: callback_token and encoding_aes_key under service_account, in the parameter below\n  消息加解密方式  安全模式\n  提交, then 启用\nThe parameter: {}",
        "服务号后台 https://mp.weixin.qq.com：先填 基本配置 → IP 白名单（docs/deploy.zh-CN.md 第 5 节），再到 基本配置 → 服务器配置\n  URL             {}\n  Token 和 EncodingAESKey：下面参数里 service_account 的 callback_token 和 encoding_aes_key\n  消息加解密方式  安全模式\n  提交，然后启用\n参数在：{}";
    CopyNext: "Enter copies the {} to the clipboard: ", "按回车把 {} 复制到剪贴板：";
    Copied: "{} is in the clipboard: paste it", "{} 已在剪贴板：请粘贴";
    NoClipboard: "this machine has no clipboard: take {} from the parameter", "本机没有剪贴板：请从参数里取 {}";
    WaitingForConsole: "waiting for the first callback of the {}", "等待{}的第一次回调";
    CallbackRefused: "a callback of the {} was refused: {}", "{}的回调被拒绝：{}";
    ConsoleDone: "callbacks of the {} arrive", "{}的回调已到达";
    ConsoleSilent: "no callback of the {} was accepted in time; run it again when the console is done", "没有及时等到{}的回调；后台填好后再运行一次";

    // ---- the message
    LogIn: "Open the mini program and log in; then accept a prompt, or follow the service account if there is one", "请打开小程序并登录；然后接受一次订阅，或关注服务号（如果有）";
    WaitingForLogin: "waiting for somebody to log in", "等待有人登录";
    NobodyCame: "nobody logged in in time; run it again, or give --openid", "没有人及时登录；请再运行一次，或给 --openid";
    ManyUsers: "this stack has many users: give --openid", "这个堆栈已有很多用户：请给 --openid";
    SendTest: "Send a test message to {}? It uses an accepted prompt where the channel needs one.", "给 {} 发一条测试消息？若通道需要授权，会用掉一次。";
    NotReached: "not reached yet: {}", "还送不到：{}";
    SentInThisMinute: "one was sent in this minute; the next follows", "这一分钟已发过一条，下一分钟再发";
    TestSent: "sent to {} by {}", "已发给 {}，通道 {}";
    NeverReached: "no channel reached {} in time; run it again", "没有通道及时送达 {}；请再运行一次";
} }
