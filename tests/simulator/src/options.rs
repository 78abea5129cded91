//! What may differ from world to world.

use std::path::PathBuf;
use std::time::Duration;

use crate::language::Language;
use crate::sabotage::Sabotage;
use crate::scheduler::SchedulerOptions;
use crate::timeline::Pace;

/// The sample mini program of this repository.
const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../miniprogram");

/// The default is a world with both accounts, in memory, at real pace, on any free ports.
#[derive(Debug, Clone)]
pub struct Options {
    pub pace: Pace,
    /// The first of eight ports; 0 takes any free ones.
    pub base_port: u16,
    /// Keeps the database in this folder; in memory otherwise.
    pub data: Option<PathBuf>,
    pub service_account: bool,
    /// In the secrets: the API answers only what carries it, as behind a CDN or relay.
    pub origin_secret: Option<String>,
    /// In the secrets: what a server of the owner's calls the API with.
    pub server_key: Option<String>,
    /// Where WeChat pushes to: a callback deployed elsewhere on this machine. By default, the one in this world.
    pub callback_url: Option<String>,
    /// Where events go that are for the webhook of the settings, which is an https address somewhere.
    pub webhook_via: Option<String>,
    pub random_seed: u64,
    /// A message to a user is under way so long, in real time; another one meanwhile is refused (43108).
    pub sends_take: Duration,
    pub scheduler: SchedulerOptions,
    /// The functions are the compiled binaries of this folder, instead of what is given to `World::start`.
    pub processes: Option<PathBuf>,
    /// The deployment template: its table and its recurring schedules are made.
    pub template: String,
    /// The settings document in force at the start; none is put when empty.
    pub settings: Option<String>,
    /// What functions run as processes log at least.
    pub log_level: String,
    /// Environments per function at most; one more event at once is throttled.
    pub sandboxes_max: usize,
    /// Dispatch has so many environments at once, and its events stand in line for one, as they do on average in
    /// Lambda's own queue, instead of being throttled and tried again with a growing pause.
    pub dispatch_at_once: Option<usize>,
    /// What the stack says that it reserves (`RESERVED_CONCURRENCY`). Here every function has environments of its own.
    pub reserved_concurrency: Option<String>,
    /// At explicit pace: so many seconds pass by themselves in one, until somebody says otherwise.
    pub plays: u32,
    /// The mini program that the page's phone runs; by default the sample.
    pub mini_program: PathBuf,
    /// What stories are told in.
    pub language: Language,
    /// A promise this world breaks, for a test of whoever should notice.
    pub sabotage: Option<Sabotage>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            pace: Pace::Real,
            base_port: 0,
            data: None,
            service_account: true,
            origin_secret: None,
            server_key: None,
            callback_url: None,
            webhook_via: None,
            random_seed: 0,
            sends_take: Duration::ZERO,
            scheduler: SchedulerOptions::default(),
            processes: None,
            template: crate::template::TEMPLATE.to_owned(),
            settings: Some(crate::settings::SETTINGS.to_owned()),
            log_level: "warn".to_owned(),
            sandboxes_max: crate::lambda::SANDBOXES_MAX,
            dispatch_at_once: None,
            reserved_concurrency: None,
            plays: 0,
            language: Language::default(),
            mini_program: PathBuf::from(SAMPLE),
            sabotage: None,
        }
    }
}
