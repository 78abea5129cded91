//! The command line. Its texts are English here; `help` has the Chinese of each.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

/// Of `samconfig.toml`, for trying out.
pub(crate) const STACK: &str = "reminders-dev";

/// Where the local world has its control API (docs/design.md §9).
const LOCAL_WORLD: &str = "http://127.0.0.1:9000";

/// Operates the reminders of a WeChat mini program
#[derive(Debug, Parser)]
#[command(name = "reminders", version, disable_help_flag = true, disable_help_subcommand = true)]
#[command(disable_version_flag = true, subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) at: Where,

    /// Print what the stack answered, as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Ask nothing before what cannot be taken back
    #[arg(long, global = true)]
    pub(crate) yes: bool,

    /// Print help
    #[arg(short, long, global = true, action = ArgAction::Help)]
    help: Option<bool>,

    /// Print the version
    #[arg(short = 'V', long, action = ArgAction::Version)]
    version: Option<bool>,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Where {
    /// Name of the stack; by default reminders-dev
    #[arg(long, global = true)]
    pub(crate) stack: Option<String>,

    /// The stack's AWS region; by default that of the profile
    #[arg(long, global = true)]
    pub(crate) region: Option<String>,

    /// Profile of the AWS credentials, also one of SSO
    #[arg(long, global = true)]
    pub(crate) profile: Option<String>,

    /// Ask the local world instead, as --local or --local=URL
    #[arg(long, global = true, value_name = "URL", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = LOCAL_WORLD, conflicts_with_all = ["region", "profile"])]
    pub(crate) local: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// From nothing to the first message; again: from where it stopped
    Setup(Setup),
    /// Check everything around the code, and say what to do
    Doctor,
    /// The settings in force
    #[command(subcommand)]
    Settings(Settings),
    /// Ids, titles and keywords of both accounts' templates
    Templates,
    /// What is left of today's quota, per call
    Quota,
    /// Who follows the service account
    #[command(subcommand)]
    Followers(Followers),
    /// One user
    #[command(subcommand)]
    User(User),
    /// Why somebody was, or was not, reminded: the story of one reminder
    Why {
        /// Id of the reminder
        reminder: String,
    },
    /// Look again at what is due, or try again what rests
    Redrive(Redrive),
    /// Send one user a test message
    Test {
        /// The user's openid at the mini program
        openid: String,
        /// Name of a template in the settings
        template: String,
    },
    /// Numbers of the last days
    Stats {
        /// How many days
        #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..))]
        days: u16,
    },
    /// Show all this in a browser on this machine
    Console {
        /// Port on this machine; 0 takes a free one
        #[arg(long, default_value_t = 0)]
        port: u16,
        /// Ends after so many minutes without a request
        #[arg(long, value_name = "MINUTES", default_value_t = 30)]
        idle: u16,
    },
    /// Print the completions for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Setup {
    /// File with the answers, for scripts: nothing is asked
    #[arg(long, value_name = "FILE")]
    pub(crate) answers: Option<PathBuf>,

    /// Deploy the archives in this folder instead of building them
    #[arg(long, value_name = "DIR")]
    pub(crate) release: Option<PathBuf>,

    /// A parameter of the template, as NAME=VALUE; may be given again
    #[arg(long = "parameter", value_name = "NAME=VALUE")]
    pub(crate) parameters: Vec<String>,

    /// Stop after this step
    #[arg(long, value_name = "STEP", default_value = "message")]
    pub(crate) until: Step,

    /// Who gets the test message: an openid; by default who logs in
    #[arg(long)]
    pub(crate) openid: Option<String>,

    /// Wait so long for a console, and for somebody to log in
    #[arg(long, value_name = "MINUTES", default_value_t = 60)]
    pub(crate) wait: u16,
}

/// In their order. Each asks AWS what is there already, and does what is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Step {
    Tools,
    Secrets,
    Deploy,
    Settings,
    Consoles,
    Doctor,
    Message,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Settings {
    /// Print the document in force
    Get,
    /// Replace the document as a whole
    Put {
        /// File with the settings, - for standard input
        file: String,
        /// Only if this version is in force
        #[arg(long, value_name = "VERSION")]
        if_version: Option<u32>,
    },
    /// Change the document in an editor
    Edit,
    /// The versions that are kept
    History,
    /// Put an old version anew
    Restore {
        /// Which version
        version: u32,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Followers {
    /// Learn everybody who follows already
    Sync {
        /// Where an interrupted sync goes on: next_openid
        #[arg(long, value_name = "NEXT_OPENID")]
        from: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// What is known of a user, without their words
    Show {
        /// The user's openid at the mini program
        openid: String,
    },
    /// Whose a reminder is
    Find {
        /// Id of the reminder
        reminder: String,
    },
    /// Everything stored about a user, as JSON: personal data
    Export {
        /// The user's openid at the mini program
        openid: String,
    },
    /// Forget a user: nothing of theirs is sent or shown any more
    Forget {
        /// The user's openid at the mini program
        openid: String,
    },
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).args(["reminder", "since", "template"]))]
pub(crate) struct Redrive {
    /// Id of the reminder
    pub(crate) reminder: Option<String>,

    /// Everything since this instant, as 2027-01-30T00:00:00+08:00
    #[arg(long, value_name = "INSTANT")]
    pub(crate) since: Option<jiff::Timestamp>,

    /// Everything that rests of this template
    #[arg(long, requires = "again")]
    pub(crate) template: Option<String>,

    /// Also try what rests undeliverable
    #[arg(long)]
    pub(crate) again: bool,

    /// Also try what may have been sent: it can be a second message
    #[arg(long, requires = "again")]
    pub(crate) even_unknown: bool,
}
