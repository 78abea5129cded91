//! `simulator`: reads the command line, starts a world, says where things are, stops at Ctrl-C.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use jiff::{SignedDuration, Timestamp};

use crate::addresses::Addresses;
use crate::failure::Failure;
use crate::language::Language;
use crate::options::Options;
use crate::scheduler::{PastSchedules, SchedulerOptions};
use crate::timeline::{Pace, wall_clock};
use crate::world::World;
use crate::{environment, functions, logs, ssm, story};

/// The world around the reminder functions, on one machine: WeChat, DynamoDB, EventBridge Scheduler, SSM
/// and Lambda, with nothing else installed.
#[derive(Debug, Parser)]
#[command(name = "simulator", version)]
pub struct CommandLine {
    /// The first of eight ports: console, two Function URLs, WeChat, DynamoDB, Scheduler, SSM, Lambda.
    /// 0 takes any free ones
    #[arg(long, default_value_t = 9000, global = true)]
    base_port: u16,

    /// Who moves the clock: the wall clock; the wall clock, but it may be stopped, hurried and moved on (the default, unless
    /// functions are processes); or nobody until told by `POST /sim/clock`
    #[arg(long, value_enum, global = true)]
    pace: Option<PaceName>,

    /// Where the clock stands at first, as 2027-01-01T09:00:00+08:00; only with --pace explicit
    #[arg(long, value_name = "INSTANT", global = true)]
    now: Option<Timestamp>,

    /// Keep the database in this folder instead of in memory
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,

    /// The world of an owner who has only a mini program
    #[arg(long, global = true)]
    without_service_account: bool,

    /// The world of an owner with a CDN or relay in front of the API: it answers only what carries this in the header
    /// X-Origin-Secret
    #[arg(long, value_name = "SECRET", global = true)]
    origin_secret: Option<String>,

    /// WeChat pushes here instead of to this world's own callback: the Function URL of one deployed on this machine,
    /// as http://127.0.0.1:4566/somewhere
    #[arg(long, value_name = "URL", value_parser = http_url, global = true)]
    callback_url: Option<String>,

    /// Events for the webhook of the settings go here instead: a receiver on this machine, as http://127.0.0.1:8000
    #[arg(long, value_name = "URL", value_parser = http_url, global = true)]
    webhook_via: Option<String>,

    /// How the functions run: in this process, or as the compiled binaries over Lambda's Runtime API
    /// (needs --pace real)
    #[arg(long, value_enum, default_value_t = Hosting::InProcess, global = true)]
    functions: Hosting,

    /// Where the compiled binaries are; by default next to this program
    #[arg(long, value_name = "DIR", global = true)]
    bin_dir: Option<PathBuf>,

    /// What Scheduler makes of a schedule in the past: a refusal, or a firing at once
    #[arg(long, value_enum, default_value_t = PastName::Refuse, global = true)]
    past_schedules: PastName,

    /// One-time schedules fire up to this many seconds late; AWS: up to 60
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u16).range(..=3600), global = true)]
    scheduler_jitter: u16,

    /// The mini program that the page's phone runs, instead of the sample
    #[arg(long, value_name = "DIR", global = true)]
    mini_program: Option<PathBuf>,

    /// What the story is told in; by default what `LANG` says
    #[arg(long, value_enum, global = true)]
    lang: Option<Language>,

    /// What is logged to standard error: error, warn, info, debug, trace, or a filter per module
    #[arg(long, value_name = "LEVEL", default_value = "warn", global = true)]
    log: String,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Play the whole story in simulated time, from first login to third push, and check every message
    Story {
        /// The other story: something that is repeated every year, through three years, with a leap day
        #[arg(long, conflicts_with = "without_service_account")]
        repeat: bool,
    },
    /// Print the environment of a function that runs elsewhere on this machine and works in the world at --base-port,
    /// as `cargo lambda watch --env-file` reads it
    Env,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PaceName {
    Real,
    Play,
    Explicit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Hosting {
    InProcess,
    Processes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PastName {
    Refuse,
    Fire,
}

/// A command line that contradicts itself.
#[derive(Debug, thiserror::Error)]
pub enum Contradiction {
    #[error("--now only makes sense with --pace explicit")]
    NowWithoutExplicitPace,
    #[error("--bin-dir only makes sense with --functions processes")]
    BinDirWithoutProcesses,
    #[error("--log is not understood: {0}")]
    Log(String),
    #[error("env has to know where the world is: --base-port 0 says that for no two starts alike")]
    EnvWithoutPort,
    #[error(transparent)]
    Failure(#[from] Failure),
}

/// Does what the command line says; returns when Ctrl-C was pressed or the story is told.
pub async fn run(command_line: CommandLine) -> Result<(), Contradiction> {
    logs::to_stderr(&command_line.log).map_err(Contradiction::Log)?;
    let options = options(&command_line)?;
    match command_line.command {
        Some(Command::Story { repeat: false }) => return Ok(story::tell(options).await?),
        Some(Command::Story { repeat: true }) => return Ok(story::repeat::tell(options).await?),
        Some(Command::Env) => return print(&env(options.base_port)?),
        None => {}
    }
    let stands = matches!(options.pace, Pace::Explicit { .. }) && options.plays == 0;
    let world = World::start(options, functions::built_in()).await?;
    let text = welcome(world.addresses(), command_line.callback_url.as_deref(), stands.then(|| world.now()));
    // A closed standard output is no reason to stop.
    let _ = print(&text);
    told_to_stop().await.map_err(Failure::Io)?;
    Ok(())
}

fn print(text: &str) -> Result<(), Contradiction> {
    Ok(std::io::stdout().lock().write_all(text.as_bytes()).map_err(Failure::Io)?)
}

fn env(base_port: u16) -> Result<String, Contradiction> {
    if base_port == 0 {
        return Err(Contradiction::EnvWithoutPort);
    }
    let addresses = Addresses::from(base_port).map_err(Failure::from)?;
    let variables = environment::outside(&addresses).into_iter();
    Ok(variables.map(|(name, value)| format!("{name}={value}\n")).collect())
}

/// Ctrl-C, or a polite `kill`: either way the world is dropped, and its processes with it.
async fn told_to_stop() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            outcome = tokio::signal::ctrl_c() => outcome,
            _ = terminated.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

fn options(command_line: &CommandLine) -> Result<Options, Contradiction> {
    let name = command_line.pace.unwrap_or(match command_line.functions {
        Hosting::InProcess => PaceName::Play,
        Hosting::Processes => PaceName::Real,
    });
    let pace = match (name, command_line.now) {
        (PaceName::Real, None) => Pace::Real,
        (PaceName::Real | PaceName::Play, Some(_)) => return Err(Contradiction::NowWithoutExplicitPace),
        (PaceName::Explicit, Some(now)) => Pace::Explicit { now },
        (PaceName::Explicit | PaceName::Play, None) => Pace::Explicit { now: whole_second(wall_clock()) },
    };
    let processes = match (command_line.functions, &command_line.bin_dir) {
        (Hosting::InProcess, None) => None,
        (Hosting::InProcess, Some(_)) => return Err(Contradiction::BinDirWithoutProcesses),
        (Hosting::Processes, Some(folder)) => Some(folder.clone()),
        (Hosting::Processes, None) => {
            let program = std::env::current_exe().map_err(Failure::Io)?;
            Some(program.parent().map(PathBuf::from).unwrap_or_default())
        }
    };
    Ok(Options {
        pace,
        base_port: command_line.base_port,
        data: command_line.data.clone(),
        service_account: !command_line.without_service_account,
        origin_secret: command_line.origin_secret.clone(),
        server_key: Some(ssm::SERVER_KEY.to_owned()),
        callback_url: command_line.callback_url.clone(),
        webhook_via: command_line.webhook_via.clone(),
        scheduler: SchedulerOptions {
            past_schedules: match command_line.past_schedules {
                PastName::Refuse => PastSchedules::Refuse,
                PastName::Fire => PastSchedules::Fire,
            },
            jitter: SignedDuration::from_secs(i64::from(command_line.scheduler_jitter)),
            ..SchedulerOptions::default()
        },
        processes,
        language: command_line.lang.unwrap_or_else(of_the_environment),
        plays: u32::from(name == PaceName::Play),
        mini_program: command_line.mini_program.clone().unwrap_or_else(|| Options::default().mini_program),
        // A filter per module is ours alone; the binaries take a level.
        log_level: command_line.log.split(',').next().unwrap_or("warn").to_owned(),
        ..Options::default()
    })
}

/// As programs choose it: `LC_ALL` before `LC_MESSAGES` before `LANG`.
#[expect(clippy::disallowed_methods, reason = "what somebody at a terminal reads is said by its environment")]
fn of_the_environment() -> Language {
    let locales = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
    locales
        .into_iter()
        .find(|locale| !locale.is_empty())
        .map_or(Language::English, |locale| Language::of_locale(&locale))
}

/// WeChat's pushes are encrypted by themselves, and here they do not leave the machine: TLS is not spoken.
fn http_url(text: &str) -> Result<String, &'static str> {
    match text.parse::<http::Uri>() {
        Ok(url) if url.scheme_str() == Some("http") && url.host().is_some() => Ok(text.to_owned()),
        _ => Err("must be an http:// URL"),
    }
}

fn whole_second(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

fn welcome(addresses: &Addresses, callback_url: Option<&str>, stands_at: Option<Timestamp>) -> String {
    let control = addresses.url(addresses.control);
    let mut text = String::from("\nThe simulated world is up.\n\n");
    for (what, address, more) in [
        ("page and control API", addresses.control, ""),
        ("wechat-callback", addresses.wechat_callback, "  Function URL"),
        ("reminder-api", addresses.reminder_api, "  Function URL; GET /openapi.json"),
        ("WeChat", addresses.wechat, "  WECHAT_API_URL, WECHAT_MP_URL"),
        ("DynamoDB", addresses.dynamodb, "  AWS_ENDPOINT_URL_DYNAMODB"),
        ("EventBridge Scheduler", addresses.scheduler, "  AWS_ENDPOINT_URL_SCHEDULER"),
        ("SSM", addresses.ssm, "  AWS_ENDPOINT_URL_SSM"),
        ("Lambda", addresses.lambda, "  Invoke API"),
    ] {
        let _ = writeln!(text, "  {what:<24} http://{address}{more}");
    }
    if let Some(callback_url) = callback_url {
        let _ = writeln!(text, "\nWeChat pushes to {callback_url}.");
    }
    let api = addresses.url(addresses.reminder_api);
    let json = "-H 'content-type: application/json'";
    let _ = write!(
        text,
        "\nOpen {control} in a browser, or try:\n\n\
         \x20 curl -s {control}/sim/users {json} -d '{{\"name\":\"alice\",\"unionid\":true}}'\n\
         \x20 curl -s -X POST {control}/sim/users/alice/login\n\
         \x20 curl -s {api}/login {json} -d '{{\"code\":\"THE CODE\"}}'\n\
         \x20 curl -s {control}/sim/users/alice/follow {json} -d '{{\"via\":\"search\"}}'\n\
         \x20 curl -s {control}/sim/users/alice/inbox\n"
    );
    if let Some(now) = stands_at {
        let _ = write!(
            text,
            "\nThe clock stands at {now} until told:\n\n\
             \x20 curl -s {control}/sim/clock {json} -d '{{\"advance\":\"PT24H\"}}'\n"
        );
    }
    text.push_str("\nCtrl-C stops it.\n");
    text
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn contradictions_are_named() {
        for (arguments, said) in [
            (&["--now", "2027-01-01T00:00:00Z"][..], "--now only makes sense with --pace explicit"),
            (&["--bin-dir", "/tmp"], "--bin-dir only makes sense with --functions processes"),
        ] {
            let arguments = ["simulator"].iter().chain(arguments);
            let command_line = CommandLine::try_parse_from(arguments).expect("each for itself is fine");
            assert_eq!(options(&command_line).expect_err("a contradiction").to_string(), said);
        }
    }

    #[test]
    fn pushes_go_to_plain_http_addresses_only() {
        let parsed = |url| CommandLine::try_parse_from(["simulator", "--callback-url", url]);
        for wrong in ["https://example.com", "127.0.0.1:4566", "/_aws/lambda-url/abc", "http://"] {
            let refusal = parsed(wrong).expect_err("no address to push to").to_string();
            assert!(refusal.contains("must be an http:// URL"), "{refusal}");
        }
        let url = "http://127.0.0.1:4566/_aws/lambda-url/abc";
        let command_line = parsed(url).expect("an address");
        assert_eq!(options(&command_line).expect("options").callback_url.as_deref(), Some(url));
    }

    #[test]
    fn env_names_the_ports_of_the_world_it_is_for() {
        let printed = env(9100).expect("ports");
        for line in [
            "TABLE_NAME=reminders\n",
            "WECHAT_API_URL=http://127.0.0.1:9103\n",
            "AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:9104\n",
            "AWS_ENDPOINT_URL_SSM=http://127.0.0.1:9106\n",
        ] {
            assert!(printed.contains(line), "{line} is not in\n{printed}");
        }
        assert!(env(0).is_err() && env(65530).is_err());
    }

    #[test]
    fn an_option_may_stand_before_or_after_the_command() {
        for arguments in [
            ["simulator", "--without-service-account", "story"],
            ["simulator", "story", "--without-service-account"],
        ] {
            let command_line = CommandLine::try_parse_from(arguments).expect("a command line");
            assert!(!options(&command_line).expect("options").service_account);
            assert!(matches!(command_line.command, Some(Command::Story { repeat: false })));
        }
    }
}
