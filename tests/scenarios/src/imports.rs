//! The invariants of absence: who must not know whom (docs/design.md §2).

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

struct Workspace {
    /// Direct dependencies a member is built with, and those only its tests have.
    members: BTreeMap<String, (String, BTreeSet<String>, BTreeSet<String>)>,
    /// Manifests' folders of what is built where no package is named, as Cargo writes them.
    built_by_default: Vec<String>,
}

impl Workspace {
    fn read() -> Self {
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
            .output()
            .expect("cargo runs");
        let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
        let packages = metadata["packages"].as_array().expect("packages");
        let members = packages.iter().map(|package| {
            let text = |value: &Value| value.as_str().expect("text").to_owned();
            let of_kind = |dev: bool| {
                let dependencies = package["dependencies"].as_array().expect("dependencies");
                let wanted = dependencies.iter().filter(|one| (one["kind"] == "dev") == dev);
                wanted.map(|one| text(&one["name"])).collect()
            };
            (text(&package["name"]), (text(&package["manifest_path"]), of_kind(false), of_kind(true)))
        });
        let default = metadata["workspace_default_members"].as_array().expect("default members");
        let built_by_default = default.iter().map(|id| id.as_str().expect("an id").to_owned()).collect();
        Self { members: members.collect(), built_by_default }
    }

    fn needs(&self, member: &str) -> &BTreeSet<String> {
        &self.members[member].1
    }

    fn in_folder<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a String> {
        let part = format!("/{folder}/");
        self.members.iter().filter(move |(_, (path, ..))| path.contains(&part)).map(|(name, _)| name)
    }
}

fn is_aws_or_lambda(name: &str) -> bool {
    name.starts_with("aws-") || name.starts_with("lambda")
}

const WEB_FRAMEWORKS: [&str; 4] = ["axum", "lambda_http", "hyper", "tower"];

#[test]
fn wechat_crate_knows_no_aws_no_lambda_no_web_framework_and_not_the_product() {
    let workspace = Workspace::read();
    for name in workspace.needs("wechat") {
        assert!(!is_aws_or_lambda(name), "{name}");
        assert!(!WEB_FRAMEWORKS.contains(&name.as_str()) && name != "reminder-core", "{name}");
    }
}

#[test]
fn core_knows_no_web_framework_and_no_lambda() {
    let workspace = Workspace::read();
    for name in workspace.needs("reminder-core") {
        assert!(!name.starts_with("lambda") && !WEB_FRAMEWORKS.contains(&name.as_str()), "{name}");
        assert_ne!(name, "http", "status codes do not exist there");
    }
}

#[test]
fn function_depends_on_no_other_function_and_nothing_but_tests_on_the_simulator() {
    let workspace = Workspace::read();
    let functions: BTreeSet<&String> = workspace.in_folder("functions").collect();
    assert_eq!(functions.len(), 4);
    for folder in ["functions", "shared"] {
        for member in workspace.in_folder(folder) {
            let (_, needs, tests_need) = &workspace.members[member];
            for name in needs.iter().chain(tests_need) {
                assert!(!functions.contains(name), "{member} depends on {name}");
                assert!(name != "simulator" && name != "dynoxide-rs", "{member} depends on {name}");
            }
        }
    }
}

#[test]
fn owners_command_is_part_of_nothing_and_knows_no_function() {
    let workspace = Workspace::read();
    let (_, needs, _) = &workspace.members["reminders"];
    for function in workspace.in_folder("functions") {
        assert!(!needs.contains(function), "reminders depends on {function}");
    }
    assert!(!needs.contains("simulator") && !needs.contains("dynoxide-rs"));
    let by_default = &workspace.built_by_default;
    assert_eq!(by_default.len(), workspace.members.len() - 1, "all but one: {by_default:?}");
    assert!(!by_default.iter().any(|id| id.contains("/tools/")), "features of its crates reach functions");
    for (member, (_, needs, tests_need)) in &workspace.members {
        assert!(!needs.contains("reminders") && !tests_need.contains("reminders"), "{member}");
    }
}

#[test]
fn simulator_does_not_know_the_wechat_crate() {
    let workspace = Workspace::read();
    assert!(!workspace.needs("simulator").contains("wechat"));
    assert!(workspace.needs("simulator").contains("dynoxide-rs"));
}
