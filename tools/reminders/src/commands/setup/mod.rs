//! `setup`: from nothing to the first message, step by step. Each step asks AWS, or the stack, what is there already, and does
//! what is missing; so an interrupted run is repeated as it was, and no file remembers anything.

mod answers;
mod asking;
mod consoles;
mod deploy;
mod message;
mod owner;
mod progress;
mod regions;
mod secrets;
mod settings;
mod tools;
mod wait;
mod words;
mod work;

use std::path::Path;

use aws_config::SdkConfig;
use serde_json::{Value, json};

use self::answers::Answers;
use self::asking::{Doubt, Enter, asked};
use self::owner::Owner;
use self::words::Say;
use self::work::Work;
use crate::arguments::{Arguments, STACK, Setup, Step, Where};
use crate::aws;
use crate::failure::Failure;
use crate::faults;
use crate::findings;
use crate::language::Language;
use crate::session::Session;
use crate::terminal::Terminal;
use crate::words::Word;

/// As samconfig.toml says.
const REGION: &str = "ap-southeast-1";

const STEPS: [(Step, Say); 7] = [
    (Step::Tools, Say::StepTools),
    (Step::Secrets, Say::StepSecrets),
    (Step::Deploy, Say::StepDeploy),
    (Step::Settings, Say::StepSettings),
    (Step::Consoles, Say::StepConsoles),
    (Step::Doctor, Say::StepDoctor),
    (Step::Message, Say::StepMessage),
];

pub(crate) async fn run(
    how: &Setup,
    arguments: &Arguments,
    language: Language,
    terminal: &mut Terminal<'_>,
) -> Result<(), Failure> {
    let mut work = begun(how, arguments, language, terminal).await?;
    let mut test = Value::Null;
    for (n, (step, title)) in STEPS.into_iter().enumerate().take_while(|(_, (step, _))| *step <= how.until) {
        let title = language.say(title, &[]);
        work.note(Say::StepHead, &[&(n + 1), &STEPS.len(), &title]);
        match step {
            Step::Tools => tools::run(&mut work).await?,
            Step::Secrets => secrets::run(&mut work).await?,
            Step::Deploy => deploy::run(&mut work).await?,
            Step::Settings => settings::run(&mut work).await?,
            Step::Consoles => consoles::run(&mut work).await?,
            Step::Doctor => examined(&mut work).await?,
            Step::Message => test = message::run(&mut work).await?,
        }
    }
    ended(&mut work, &test).await
}

/// Who is asked, about which stack, and with whose answers.
async fn begun<'a, 'b>(
    how: &'a Setup,
    arguments: &Arguments,
    language: Language,
    terminal: &'a mut Terminal<'b>,
) -> Result<Work<'a, 'b>, Failure> {
    let usage = |word: Say| Failure::Usage(language.say(word, &[]));
    if arguments.at.local.is_some() {
        return Err(usage(Say::NotLocal));
    }
    let answers = how.answers.as_deref().map(|file| read(file, language)).transpose()?;
    let asks = answers.is_none();
    if asks && !terminal.interactive {
        return Err(usage(Say::NobodyToAsk));
    }
    let mut answers = answers.unwrap_or_default();
    for given in &how.parameters {
        let (name, value) =
            given.split_once('=').ok_or_else(|| Failure::Usage(language.say(Say::Parameter, &[given])))?;
        answers.parameters.insert(name.to_owned(), value.to_owned());
    }
    let Where { stack, region, profile, .. } = arguments.at.clone();
    let named = Where {
        stack: stack.or_else(|| answers.stack.clone()),
        region: region.or_else(|| answers.region.clone()),
        profile,
        local: None,
    };
    let (at, config) = place(named, asks, language, terminal).await?;
    let Some(region) = config.region().map(ToString::to_string) else {
        return Err(Failure::Usage(language.say(Word::NoRegion, &[])));
    };
    let stack = at.stack.clone().unwrap_or_else(|| STACK.to_owned());
    let owner = Owner::known_by(&config, stack, region, language).await?;
    let session = Session::at(&at, arguments, language, terminal).await?;
    Ok(Work { session, how, answers, asks, owner })
}

/// What the command line, the answers and AWS's own configuration do not say is asked.
async fn place(
    mut at: Where,
    asks: bool,
    language: Language,
    terminal: &mut Terminal<'_>,
) -> Result<(Where, SdkConfig), Failure> {
    let mut config = aws::configuration(&at).await?;
    let usual = config.region().map(ToString::to_string);
    taken(at.stack.as_deref(), asking::stack, language)?;
    taken(usual.as_deref(), asking::region, language)?;
    if !asks {
        return Ok((at, config));
    }
    terminal.complain(&language.say(Say::Head, &[&STEPS.len()]));
    if at.stack.is_none() {
        let question = language.say(Say::WhichStack, &[]);
        at.stack = Some(asked(terminal, language, &question, Enter::Means(STACK), asking::stack)?);
    }
    if at.region.is_none() {
        let (question, usual) = (language.say(Say::WhichRegion, &[]), usual.as_deref().unwrap_or(REGION));
        at.region = Some(asked(terminal, language, &question, Enter::Means(usual), asking::region)?);
        config = aws::configuration(&at).await?;
    }
    Ok((at, config))
}

/// What nobody is asked about any more.
fn taken(
    given: Option<&str>,
    doubt: impl Fn(&str) -> Option<Doubt>,
    language: Language,
) -> Result<(), Failure> {
    let doubt = given.and_then(|given| Some((given, doubt(given)?)));
    doubt.map_or(Ok(()), |(given, doubt)| {
        Err(Failure::Usage(format!("{given}: {}", language.say(doubt.why(), &[]))))
    })
}

fn read(file: &Path, language: Language) -> Result<Answers, Failure> {
    let usage =
        |word, why: &dyn std::fmt::Display| Failure::Usage(language.say(word, &[&file.display(), why]));
    let text = std::fs::read_to_string(file).map_err(|error| usage(Word::NoFile, &error))?;
    // serde's message may quote what somebody wrote there against all advice.
    let document: Value = serde_json::from_str(&text)
        .map_err(|error| usage(Word::NoJson, &format!("line {}, column {}", error.line(), error.column())))?;
    Answers::parse(&document).map_err(|errors| {
        let faults: Vec<String> =
            errors.iter().map(|fault| format!("\n  {}", faults::told(&json!(fault), language))).collect();
        Failure::Usage(format!("{}{}", file.display(), faults.concat()))
    })
}

async fn examined(work: &mut Work<'_, '_>) -> Result<(), Failure> {
    let language = work.session.language;
    let report = work.session.ask(json!({ "operation": "doctor", "language": language.code() })).await?;
    let text = findings::shown(&report, language);
    work.session.terminal.complain(&text);
    if report["ok"] == true { Ok(()) } else { Err(Failure::Findings) }
}

/// For people what comes next, for programs what there is.
async fn ended(work: &mut Work<'_, '_>, test: &Value) -> Result<(), Failure> {
    let outputs = work.outputs().await?;
    let (stack, region) = (work.owner.stack.clone(), work.owner.region.clone());
    let told = json!({ "stack": stack, "region": region, "outputs": outputs, "test": test });
    let is_whole = work.how.until == Step::Message;
    let language = work.session.language;
    let until =
        STEPS.iter().find(|(step, _)| *step == work.how.until).map(|(_, title)| language.say(*title, &[]));
    work.session.tell(&told, |_| match is_whole {
        true => language.say(Say::AllDone, &[&stack, &region]),
        false => language.say(Say::StoppedAfter, &[&until.unwrap_or_default()]),
    });
    Ok(())
}
