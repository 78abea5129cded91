//! Step 3: the stack. Archives and template go into a bucket of the stack's own, CloudFormation says what it would do, and
//! does it. No file remembers how far that came: the stack tells.

mod bucket;
mod changes;
mod digest;
mod package;
mod settling;
mod sums;
mod template;

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::TemplateStage;

pub(super) use self::package::Sources;
use self::package::{NoPackage, Package};
use self::settling::{Standing, standing, watch};
use self::sums::Unsound;
use super::asking::{Enter, one_of};
use super::owner::StackNow;
use super::regions::ways_in;
use super::words::Say;
use super::work::{SECRETS, Work};
use crate::failure::Failure;

/// The template's default, and cheaper.
const ARCHITECTURE: &str = "arm64";
const INGRESS: &str = "Ingress";

pub(super) async fn run(work: &mut Work<'_, '_>) -> Result<(), Failure> {
    let stack = settled(work).await?;
    let given = given(work, stack.as_ref())?;
    let package = packed(work, &given["Architecture"]).await?;
    let names = package.parameters();
    if let Some(unknown) = given.keys().find(|name| !names.contains(name)) {
        return Err(work.wrong(Say::NoParameter, &[unknown]));
    }
    let bucket = bucket::name(&work.owner.account, &work.owner.stack, &work.owner.region);
    let template = package.template_in(&bucket);
    if stands(work, stack.as_ref(), &template, &given).await? {
        let stack = work.owner.stack.clone();
        work.note(Say::StackStands, &[&stack]);
        return Ok(());
    }
    let url = uploaded(work, &package, &bucket, template).await?;
    let parameters = changes::parameters(&names, &given, stack.as_ref());
    let Some(planned) = changes::plan(&work.owner, &url, parameters, stack.is_none()).await? else {
        let stack = work.owner.stack.clone();
        work.note(Say::StackStands, &[&stack]);
        return Ok(());
    };
    let plan = changes::shown(&planned.changes, work.session.language);
    work.session.terminal.complain(&plan);
    let (name, region) = (work.owner.stack.clone(), work.owner.region.clone());
    work.session.confirm(Say::Deploy, &[&name, &region])?;
    let execute = work.owner.cloudformation.execute_change_set().stack_name(&name);
    let execute = execute.change_set_name(&planned.change_set).send().await;
    execute.map_err(|error| work.owner.refused("cloudformation:ExecuteChangeSet", &error))?;
    let stack = watch(work, Some(planned.changes.len())).await?;
    if standing(stack.as_ref()) == Standing::Whole {
        work.note(Say::Deployed, &[&name]);
        return Ok(());
    }
    let (status, reasons) = (stack.unwrap_or_default().status, settling::reasons(&work.owner).await?);
    Err(Failure::Broke(work.session.language.say(Say::DeployFailed, &[&name, &status, &reasons])))
}

/// What an earlier run began is waited for; a first deployment that failed is taken away. None: there is no stack.
async fn settled(work: &mut Work<'_, '_>) -> Result<Option<StackNow>, Failure> {
    let mut stack = work.owner.stack_now().await?;
    if standing(stack.as_ref()) == Standing::Moving {
        stack = watch(work, None).await?;
    }
    let name = work.owner.stack.clone();
    match standing(stack.as_ref()) {
        Standing::Absent => Ok(None),
        Standing::Whole | Standing::AsBefore | Standing::Moving => Ok(stack),
        Standing::Stuck => {
            let status = stack.unwrap_or_default().status;
            Err(work.failure(Say::StackStuck, &[&name, &status]))
        }
        Standing::Stillborn => {
            let reasons = settling::reasons(&work.owner).await?;
            work.session.terminal.complain(&reasons);
            work.session.confirm(Say::DeleteStillborn, &[&name])?;
            let delete = work.owner.cloudformation.delete_stack().stack_name(&name).send().await;
            delete.map_err(|error| work.owner.refused("cloudformation:DeleteStack", &error))?;
            watch(work, None).await?;
            Ok(None)
        }
    }
}

/// The parameters that somebody gave, or that we decide.
fn given(work: &mut Work<'_, '_>, stack: Option<&StackNow>) -> Result<BTreeMap<String, String>, Failure> {
    let mut given = work.answers.parameters.clone();
    let secrets = work.secrets_parameter(stack);
    given.insert(SECRETS.to_owned(), secrets);
    given.insert("Architecture".to_owned(), architecture(work, stack)?);
    if stack.is_none() && !given.contains_key(INGRESS) {
        let ways = ways_in(&work.owner.region);
        let usual = ways.first().copied().unwrap_or_default();
        let ingress = if work.asks && ways.len() > 1 {
            work.ask(Say::Ingress, &[], Enter::Means(usual), one_of(ways, Say::NoSuchWay))?
        } else {
            usual.to_owned()
        };
        given.insert(INGRESS.to_owned(), ingress);
    }
    Ok(given)
}

/// As somebody said, or as the stack is; else the usual one, or what a release has.
fn architecture(work: &Work<'_, '_>, stack: Option<&StackNow>) -> Result<String, Failure> {
    let wanted = work.parameter("Architecture", stack);
    let Some(folder) = &work.how.release else {
        return Ok(wanted.unwrap_or_else(|| ARCHITECTURE.to_owned()));
    };
    let there = package::architectures(folder).map_err(|missing| missing.told(work, ARCHITECTURE))?;
    if there.is_empty() {
        return Err(work.wrong(Say::NoRelease, &[&folder.display()]));
    }
    chosen(wanted.as_deref(), &there).map(str::to_owned).ok_or_else(|| {
        work.wrong(Say::NotInRelease, &[&folder.display(), &there.join(", "), &wanted.unwrap_or_default()])
    })
}

fn chosen<'a>(wanted: Option<&'a str>, there: &'a [String]) -> Option<&'a str> {
    let has = |name: &str| there.iter().any(|one| one == name);
    match wanted {
        Some(wanted) => Some(wanted).filter(|wanted| has(wanted)),
        None if has(ARCHITECTURE) => Some(ARCHITECTURE),
        None => there.first().map(String::as_str),
    }
}

/// That a release has what would be deployed, before anybody is asked for anything.
pub(super) async fn is_whole(work: &mut Work<'_, '_>) -> Result<(), Failure> {
    let stack = work.owner.stack_now().await?;
    let architecture = architecture(work, stack.as_ref())?;
    packed(work, &architecture).await.map(drop)
}

async fn packed(work: &mut Work<'_, '_>, architecture: &str) -> Result<Package, Failure> {
    let package = match (&work.how.release, Sources::here()) {
        (Some(folder), _) => Package::of_release(folder, architecture),
        (None, Some(sources)) => {
            work.note(Say::Building, &[&architecture]);
            Package::built(&sources, architecture).await
        }
        (None, None) => return Err(work.wrong(Say::NoSources, &[])),
    };
    package.map_err(|missing| missing.told(work, architecture))
}

impl NoPackage {
    fn told(self, work: &Work<'_, '_>, architecture: &str) -> Failure {
        match self {
            Self::Unreadable(path, error) => work.wrong(Say::NoFile, &[&path.display(), &error]),
            Self::Unsound(Unsound::NotListed(file)) => work.wrong(Say::NotInSums, &[&file]),
            Self::Unsound(Unsound::Differs(file)) => work.wrong(Say::OtherThanSums, &[&file]),
            Self::NotBuilt(how) => work.failure(Say::NotBuilt, &[&how, &architecture]),
        }
    }
}

/// Whether the stack is this template with these parameters already.
async fn stands(
    work: &Work<'_, '_>,
    stack: Option<&StackNow>,
    template: &str,
    given: &BTreeMap<String, String>,
) -> Result<bool, Failure> {
    let Some(stack) = stack.filter(|stack| standing(Some(stack)) == Standing::Whole) else {
        return Ok(false);
    };
    if given.iter().any(|(name, value)| stack.parameters.get(name) != Some(value)) {
        return Ok(false);
    }
    let asked = work.owner.cloudformation.get_template().stack_name(&work.owner.stack);
    let deployed = asked.template_stage(TemplateStage::Original).send().await;
    let deployed = deployed.map_err(|error| work.owner.refused("cloudformation:GetTemplate", &error))?;
    Ok(deployed.template_body.is_some_and(|deployed| deployed.trim_end() == template.trim_end()))
}

/// Answers where the template is.
async fn uploaded(
    work: &mut Work<'_, '_>,
    package: &Package,
    bucket: &str,
    template: String,
) -> Result<String, Failure> {
    bucket::ensure(&work.owner, bucket).await?;
    for (name, archive) in package.archives() {
        if bucket::upload(&work.owner, bucket, &archive.key, archive.bytes.clone()).await? {
            work.note(Say::Uploaded, &[name, &bucket]);
        }
    }
    let key = format!("{}.yaml", digest::digest(template.as_bytes()));
    bucket::upload(&work.owner, bucket, &key, template.into_bytes()).await?;
    Ok(bucket::url(&work.owner, bucket, &key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_for_the_processor_that_is_wanted_or_that_a_release_has() {
        for (wanted, there, architecture) in [
            (None, &["arm64", "x86_64"][..], Some("arm64")),
            (None, &["x86_64"], Some("x86_64")),
            (Some("x86_64"), &["arm64", "x86_64"], Some("x86_64")),
            (Some("arm64"), &["x86_64"], None),
            (None, &[], None),
        ] {
            let there: Vec<String> = there.iter().map(ToString::to_string).collect();
            assert_eq!(chosen(wanted, &there), architecture, "{wanted:?} of {there:?}");
        }
    }
}
