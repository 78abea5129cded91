#!/usr/bin/env python3
"""Have crates of Cargo.lock known faults, or licences that are not permissive? cargo-deny says, by deny.toml.

    .ci/advisories.py CARGO_DENY            judges Cargo.lock; first shows that a bad one would not pass
    .ci/advisories.py --refresh CLONE       takes the facts anew from a clone of the public database

The public database of advisories if it can be reached, or else the facts in .ci/advisories. So a change may fail for an
advisory that is newer than it is: then the crate is updated, or the advisory ignored in deny.toml, with the reason.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
OURS = ROOT / ".ci/advisories"
LOOKED_UP = OURS / "looked-up.txt"  # as of when, and which crates
PUBLIC = "https://github.com/RustSec/advisory-db"
DATABASES = ROOT / ".venv/advisories"
DATABASE = DATABASES / "advisory-db-3157b0e258782691"  # the name that cargo-deny gives to PUBLIC
REACH_TIMEOUT_S = 10
CLONE_TIMEOUT_S = 120

# In a hook of git these would lead it to the repository that the hook is of.
ELSEWHERE = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"}
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in ELSEWHERE} | {
    "GIT_TERMINAL_PROMPT": "0",
    "ADVISORIES": str(DATABASES),  # for deny.toml
}

# Version and licence of a made-up tokio, and what cargo-deny must say; of the last, nothing.
CASES = [
    ("1.7.1", "MIT", "RUSTSEC-2021-0072"),
    ("1.999.0", "GPL-3.0-only", "license is not explicitly allowed"),
    ("1.999.0", "MIT", None),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cargo_deny", nargs="?", type=pathlib.Path)
    parser.add_argument("--refresh", type=pathlib.Path, metavar="CLONE")
    arguments = parser.parse_args()
    if arguments.refresh:
        return refresh(arguments.refresh)
    if not arguments.cargo_deny:
        parser.error("where is cargo-deny?")
    cargo_deny = arguments.cargo_deny.resolve()
    lay_database()
    for case in CASES:
        finds(cargo_deny, *case)
    # cargo-deny is kept from the network, where it would look for the database, and wants the crates to be here.
    subprocess.run(["cargo", "fetch", "--locked", "--quiet"], cwd=ROOT, check=True)
    return deny(cargo_deny, ROOT).returncode


def deny(cargo_deny, folder, *options, **how):
    command = [cargo_deny, "--offline", "--locked", "--config", ROOT / "deny.toml", "check", *options]
    return subprocess.run(command, cwd=folder, env=ENVIRONMENT, **how)


def lay_database():
    """Puts the database where cargo-deny looks for the public one's clone."""
    shutil.rmtree(DATABASES, ignore_errors=True)
    DATABASES.mkdir(parents=True)
    if reached(["ls-remote", PUBLIC, "HEAD"], REACH_TIMEOUT_S) and reached(
        ["clone", "--quiet", "--depth=1", PUBLIC, DATABASE], CLONE_TIMEOUT_S
    ):
        print(f"advisories: {PUBLIC}, as of now")
        return
    shutil.rmtree(DATABASE, ignore_errors=True)
    shutil.copytree(OURS / "crates", DATABASE / "crates")
    # It is asked for its age, as a repository; by nobody's name and with nobody's hooks.
    nobody = ["-c", "user.name=gate", "-c", "user.email=gate@localhost", "-c", "commit.gpgSign=false"]
    git = ["git", "-C", DATABASE, *nobody, "-c", f"core.hooksPath={os.devnull}"]
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message=facts"]):
        subprocess.run([*git, *command], env=ENVIRONMENT, check=True)
    as_of, *names = LOOKED_UP.read_text().splitlines()
    print(f"advisories: {PUBLIC} is out of reach; those in .ci/advisories, {as_of}")
    unknown = locked() - set(names)
    if unknown:
        print(f"advisories: never looked up, so nothing is known of them: {', '.join(sorted(unknown))}")


def reached(command, timeout_s):
    try:
        nothing = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.run(["git", *command], timeout=timeout_s, env=ENVIRONMENT, **nothing).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def finds(cargo_deny, version, licence, expected):
    """Judges a crate that depends on a made-up tokio, and complains if the verdict is another."""
    with tempfile.TemporaryDirectory(prefix="advisories-") as folder:
        make_crate(pathlib.Path(folder), version, licence)
        how = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        # It needs only one of the licences that deny.toml allows.
        verdict = deny(cargo_deny, folder, "--allow", "license-not-encountered", **how)
    passed = verdict.returncode == 0
    if passed != (expected is None) or (expected or "") not in verdict.stdout:
        sys.exit(f"tokio {version} under {licence}: expected {expected or 'no complaint'}, got\n{verdict.stdout}")


def make_crate(folder, version, licence):
    """A crate with a tokio of this version and licence, which looks as if it came from crates.io."""
    checksum = "0" * 64
    files = {
        "Cargo.toml": f'[package]\nname = "made-up"\nversion = "0.0.0"\nlicense = "MIT"\npublish = false\n'
        f'[dependencies]\ntokio = "={version}"\n',
        "Cargo.lock": 'version = 4\n[[package]]\nname = "made-up"\nversion = "0.0.0"\ndependencies = ["tokio"]\n'
        f'[[package]]\nname = "tokio"\nversion = "{version}"\nchecksum = "{checksum}"\n'
        'source = "registry+https://github.com/rust-lang/crates.io-index"\n',
        ".cargo/config.toml": '[source.crates-io]\nreplace-with = "here"\n[source.here]\ndirectory = "vendor"\n',
        "vendor/tokio/Cargo.toml": f'[package]\nname = "tokio"\nversion = "{version}"\nlicense = "{licence}"\n',
        "vendor/tokio/.cargo-checksum.json": f'{{"files": {{}}, "package": "{checksum}"}}',
        "vendor/tokio/src/lib.rs": "",
        "src/lib.rs": "",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def locked():
    packages = tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]
    return {package["name"] for package in packages if "source" in package}


def read(path):
    """An advisory's facts, its versions, and its title."""
    front, body = path.read_text().removeprefix("```toml\n").split("\n```\n", 1)
    document = tomllib.loads(front)
    title = next(line for line in body.splitlines() if line.startswith("# "))
    return document["advisory"], document["versions"], title


def refresh(clone):
    """Takes of every crate of Cargo.lock the facts, and no prose: that is under its authors' licences."""
    found = {}
    for name in sorted(locked()):
        for path in sorted((clone / "crates" / name).glob("RUSTSEC-*.md")):
            if path.stem != "RUSTSEC-0000-0000":  # a draft
                found[OURS / "crates" / name / path.name] = path
    texts = {ours: facts(path, ours) for ours, path in found.items()}
    shutil.rmtree(OURS / "crates")
    for ours, text in texts.items():
        ours.parent.mkdir(parents=True, exist_ok=True)
        ours.write_text(text)
    log = ["git", "-C", clone, "log", "-1", "--format=%cs"]
    newest = subprocess.check_output(log, env=ENVIRONMENT, text=True).strip()
    LOOKED_UP.write_text("\n".join([f"as of {newest}", *sorted(locked())]) + "\n")
    print(f"{len(texts)} advisories on {len({path.parent for path in texts})} of {len(locked())} crates")
    return 0


def facts(path, ours):
    advisory, versions, _ = read(path)
    title = read(ours)[2] if ours.exists() else f"# {advisory['id']} on {advisory['package']}"
    lines = ["```toml", "[advisory]"]
    for key in ("id", "package", "date", "informational", "withdrawn"):
        if key in advisory:
            lines.append(f'{key} = "{advisory[key]}"')
    lines.append(f"aliases = {array(advisory.get('aliases', []))}")
    if "url" in advisory:
        lines.append(f'url = "{advisory["url"]}"')
    lines += ["", "[versions]", f"patched = {array(versions['patched'])}"]
    lines += [f"unaffected = {array(versions.get('unaffected', []))}", "```", "", title, ""]
    return "\n".join([*lines, f"Facts from the RustSec Advisory Database, {advisory['id']}.", ""])


def array(strings):
    return "[" + ", ".join(f'"{string}"' for string in strings) + "]"


if __name__ == "__main__":
    sys.exit(main())
