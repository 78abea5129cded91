//! What is deployed: the template, and an archive for each function, built here or taken from a release.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use super::digest::digest;
use super::sums::{self, Unsound};
use super::template;

/// The folder of a clone.
#[derive(Debug)]
pub(crate) struct Sources(PathBuf);

impl Sources {
    /// The folder that we are in, if it is one.
    pub(crate) fn here() -> Option<Self> {
        let here = Path::new(".");
        let is_clone =
            ["template.yaml", "Cargo.toml", "functions"].iter().all(|name| here.join(name).exists());
        is_clone.then(|| Self(here.to_owned()))
    }

    /// `cargo lambda`, as the deploy guide installs it into the clone, else as it is on the way.
    #[expect(clippy::disallowed_methods, reason = "it is for a command that we start")]
    pub(crate) fn cargo_lambda(&self) -> Command {
        let mut command = Command::new("cargo");
        command.arg("lambda").current_dir(&self.0).stdin(Stdio::null());
        if let Ok(installed) = std::path::absolute(self.0.join(".venv/deploy/bin")) {
            let usual = std::env::var_os("PATH").unwrap_or_default();
            let folders = std::iter::once(installed).chain(std::env::split_paths(&usual));
            if let Ok(path) = std::env::join_paths(folders) {
                command.env("PATH", path);
            }
        }
        command
    }
}

#[derive(Debug)]
pub(super) struct Package {
    template: String,
    /// By the name that the template has for it.
    archives: BTreeMap<String, Archive>,
}

#[derive(Debug)]
pub(super) struct Archive {
    pub(super) bytes: Vec<u8>,
    /// Named by what is in it: what is there already is the same.
    pub(super) key: String,
}

/// Why there is nothing to deploy.
#[derive(Debug)]
pub(super) enum NoPackage {
    Unreadable(PathBuf, std::io::Error),
    Unsound(Unsound),
    /// `cargo lambda build` ended so.
    NotBuilt(String),
}

/// For which processors the folder of a release has functions.
pub(super) fn architectures(folder: &Path) -> Result<Vec<String>, NoPackage> {
    let unreadable = |error| NoPackage::Unreadable(folder.to_owned(), error);
    let mut architectures = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        let architecture =
            name.to_str().and_then(|name| name.strip_prefix("template-")?.strip_suffix(".yaml"));
        architectures.extend(architecture.map(str::to_owned));
    }
    architectures.sort_unstable();
    Ok(architectures)
}

impl Package {
    /// The archives of a folder, if they are what its SHA256SUMS say.
    pub(super) fn of_release(folder: &Path, architecture: &str) -> Result<Self, NoPackage> {
        let name = format!("template-{architecture}.yaml");
        let template = text(&folder.join(&name))?;
        let sums = text(&folder.join(sums::FILE))?;
        let files: Vec<String> = [name].into_iter().chain(template::archives(&template)).collect();
        for file in files {
            let bytes = bytes(&folder.join(&file))?;
            sums::check(&sums, &file, &bytes).map_err(NoPackage::Unsound)?;
        }
        Self::of(template, |archive| folder.join(archive))
    }

    /// Compiles the functions; what cargo says goes to the terminal.
    pub(super) async fn built(sources: &Sources, architecture: &str) -> Result<Self, NoPackage> {
        let Sources(folder) = sources;
        let template = text(&folder.join("template.yaml"))?;
        let mut command = sources.cargo_lambda();
        command.args(["build", "--release", "--output-format", "zip"]);
        command.arg(if architecture == "arm64" { "--arm64" } else { "--x86-64" });
        for binary in template::archives(&template) {
            command.args(["--package", &binary]);
        }
        // Standard output is for answers.
        let built = command.stdout(Stdio::null()).status().await;
        match built {
            Ok(status) if status.success() => {}
            Ok(status) => return Err(NoPackage::NotBuilt(status.to_string())),
            Err(error) => return Err(NoPackage::NotBuilt(error.to_string())),
        }
        Self::of(template, |binary| folder.join("target/lambda").join(binary).join("bootstrap.zip"))
    }

    fn of(template: String, place: impl Fn(&str) -> PathBuf) -> Result<Self, NoPackage> {
        let mut archives = BTreeMap::new();
        for name in template::archives(&template) {
            let bytes = bytes(&place(&name))?;
            let key = format!("{}.zip", digest(&bytes));
            archives.insert(name, Archive { bytes, key });
        }
        Ok(Self { template, archives })
    }

    pub(super) fn archives(&self) -> &BTreeMap<String, Archive> {
        &self.archives
    }

    pub(super) fn parameters(&self) -> Vec<String> {
        template::parameters(&self.template)
    }

    /// The template as CloudFormation gets it, with the archives in this bucket.
    pub(super) fn template_in(&self, bucket: &str) -> String {
        let key =
            |name: &str| self.archives.get(name).map(|archive| archive.key.as_str()).unwrap_or_default();
        template::rewritten(&self.template, |name| format!("s3://{bucket}/{}", key(name)))
    }
}

fn text(path: &Path) -> Result<String, NoPackage> {
    std::fs::read_to_string(path).map_err(|error| NoPackage::Unreadable(path.to_owned(), error))
}

fn bytes(path: &Path) -> Result<Vec<u8>, NoPackage> {
    std::fs::read(path).map_err(|error| NoPackage::Unreadable(path.to_owned(), error))
}
