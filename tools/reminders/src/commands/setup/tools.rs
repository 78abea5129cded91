//! Step 1: whose AWS account it is, and what building needs on this machine.

use super::deploy::{self, Sources};
use super::regions::ways_in;
use super::words::Say;
use super::work::Work;
use crate::failure::Failure;

pub(super) async fn run(work: &mut Work<'_, '_>) -> Result<(), Failure> {
    let owner = &work.owner;
    let (account, region, stack) = (owner.account.clone(), owner.region.clone(), owner.stack.clone());
    work.note(Say::Owner, &[&account, &region, &stack]);
    let ingress = work.answers.parameters.get("Ingress").map(String::as_str);
    if ingress.is_some_and(|ingress| !ways_in(&region).contains(&ingress)) {
        return Err(work.wrong(Say::NoFunctionUrls, &[&region, &ways_in(&region).join(", ")]));
    }
    if work.how.release.is_some() {
        return deploy::is_whole(work).await;
    }
    let Some(sources) = Sources::here() else { return Err(work.wrong(Say::NoSources, &[])) };
    let found = sources.cargo_lambda().arg("--version").output().await;
    match found {
        Ok(output) if output.status.success() => Ok(()),
        _ => Err(work.failure(Say::NoCargoLambda, &[])),
    }
}
