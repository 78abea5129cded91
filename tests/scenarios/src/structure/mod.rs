//! The shape of the code: no files of a crate that use each other in a circle, and no function of the product longer
//! than a screen. Both are read from the source, without what only tests are made of.
//!
//! A use is a name: that calling a method needs the file where the method is written is not seen.

mod circles;
mod lengths;
mod names;
mod sources;
mod uses;

use std::path::{Path, PathBuf};

use sources::Crate;

/// A screen.
const LINES_OF_A_FUNCTION_MAX: usize = 60;

const SIMULATOR: &str = "tests/simulator";

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The packages of the product, from the root of the repository.
fn product() -> Vec<String> {
    let mut packages = Vec::new();
    for folder in ["functions", "shared", "tools"] {
        for entry in std::fs::read_dir(repository().join(folder)).expect("a folder of the repository") {
            let path = entry.expect("an entry").path();
            if path.join("Cargo.toml").exists() {
                let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
                packages.push(format!("{folder}/{name}"));
            }
        }
    }
    assert!(packages.len() >= 8, "four functions, what they share, and the owner's command: {packages:?}");
    packages.sort();
    packages
}

/// A package's library and its program, whichever it has.
fn crates(package: &str) -> Vec<Crate> {
    let repository = repository();
    let read = |path: &Path| std::fs::read_to_string(repository.join(path)).ok();
    let roots = ["lib.rs", "main.rs"].map(|root| Path::new(package).join("src").join(root));
    let crates: Vec<Crate> =
        roots.iter().filter(|root| read(root).is_some()).map(|root| Crate::read(root, &read)).collect();
    assert!(!crates.is_empty(), "{package} has a library or a program");
    crates
}

#[test]
fn no_files_of_a_crate_use_each_other_in_a_circle() {
    let packages = product().into_iter().chain([SIMULATOR.to_owned()]);
    let circles: Vec<String> =
        packages.flat_map(|package| crates(&package)).flat_map(|krate| circles::in_crate(&krate)).collect();
    assert!(circles.is_empty(), "\n{}", circles.join("\n"));
}

#[test]
fn no_function_of_the_product_is_longer_than_a_screen() {
    let crates = product().into_iter().flat_map(|package| crates(&package));
    let longer: Vec<String> = crates
        .flat_map(|krate| lengths::of_functions(&krate))
        .filter(|function| function.lines > LINES_OF_A_FUNCTION_MAX)
        .map(|function| function.to_string())
        .collect();
    assert!(longer.is_empty(), "\n{}", longer.join("\n"));
}
