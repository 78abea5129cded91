"""What is deployed: built in one of three ways, or taken from a release."""

import dataclasses
import os
import pathlib
import re
import subprocess
import zipfile

from machine import ARCHITECTURE, DEPLOY, ROOT, SIMULATOR, Failed, Process
from report import say

ELF_MACHINE = {"x86_64": 62, "arm64": 183}
TIMEOUT_S = 3600
# As .ci/run builds: what it compiled is not compiled again.
QUICK = {
    "CARGO_PROFILE_RELEASE_LTO": "thin",
    "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": "16",
    "CARGO_PROFILE_RELEASE_OPT_LEVEL": "1",
}


@dataclasses.dataclass
class Built:
    """A folder as `sam build` leaves it, the owner's command, and the release that both are of, if there is one."""

    folder: pathlib.Path
    command: pathlib.Path = ROOT / "target/debug/reminders"
    release: pathlib.Path | None = None


def build(arguments, folder):
    if arguments.no_build:
        say("taking what was built last time")
        built = Built(arguments.build_dir.resolve())
    elif arguments.release:
        release = arguments.release.resolve()
        built = Built(folder / "build", release / f"reminders-linux-{ARCHITECTURE}", release)
        of_a_release(built)
    elif arguments.debug_build:
        built = Built(folder / "build")
        by_cargo(built)
    else:
        built = Built(arguments.build_dir.resolve())
        by_sam(built, arguments.quick_build)
    look_at(built)
    return built


def of_a_release(built):
    say(f"taking the release in {built.release}")
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=built.release, check=True)
    lines = []
    for resource, line in by_resource((built.release / f"template-{ARCHITECTURE}.yaml").read_text()):
        if archive := re.search(r"CodeUri: (\S+\.zip)$", line):
            with zipfile.ZipFile(built.release / archive[1]) as file:
                bootstrap = pathlib.Path(file.extract("bootstrap", built.folder / resource))
            bootstrap.chmod(0o755)
            line = line.replace(archive[1], resource)
        lines.append(line)
    (built.folder / "template.yaml").write_text("\n".join(lines) + "\n")
    the_simulator()


def by_cargo(built):
    say("building simulator and functions with cargo")
    with Process("cargo build", ["cargo", "build", "--bins"], cwd=ROOT) as process:
        process.succeeds(TIMEOUT_S)
    the_command()
    lay_out(built.folder)


def by_sam(built, quick):
    the_simulator()
    the_command()
    how = ", quickly" if quick else ": this takes minutes"
    say(f"building the functions for {ARCHITECTURE}{how}")
    command = [DEPLOY / "bin/sam", "build", "--build-dir", built.folder]
    command += ["--parameter-overrides", f"Architecture={ARCHITECTURE}"]
    path = f"{DEPLOY / 'bin'}{os.pathsep}{os.environ['PATH']}"
    more = {"PATH": path, "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "ap-southeast-1"}
    more |= QUICK if quick else {}
    with Process("sam build", command, cwd=ROOT, env=os.environ | more) as process:
        process.succeeds(TIMEOUT_S)


def the_simulator():
    say("building the simulator")
    with Process("cargo build", ["cargo", "build", "--bin", "simulator"], cwd=ROOT) as process:
        process.succeeds(TIMEOUT_S)


def the_command():
    """As its tests are built: alone, it would compile the AWS crates with other features."""
    say("building the owner's command")
    command = ["cargo", "test", "--package", "reminders", "--no-run"]
    with Process("cargo test", command, cwd=ROOT) as process:
        process.succeeds(TIMEOUT_S)


def lay_out(build_dir):
    """Puts cargo's binaries and the template where and how `sam build` would."""
    lines = []
    for resource, line in by_resource((ROOT / "template.yaml").read_text()):
        if line.strip().startswith("Binary: "):
            (build_dir / resource).mkdir(parents=True)
            bootstrap = build_dir / resource / "bootstrap"
            # Its symbols are most of it, and would all be packed and uploaded.
            subprocess.run(["strip", "-o", bootstrap, SIMULATOR.with_name(line.split()[-1])], check=True)
        lines.append(line.replace("CodeUri: .", f"CodeUri: {resource}"))
    (build_dir / "template.yaml").write_text("\n".join(lines) + "\n")


def by_resource(template):
    """Each line of it, and the resource or parameter that it is of."""
    name = None
    for line in template.splitlines():
        if re.fullmatch(r"  \w+:", line):
            name = line.strip(" :")
        yield name, line


def look_at(built):
    for needed in (SIMULATOR, built.command, built.folder / "template.yaml"):
        if not needed.exists():
            raise Failed(f"{needed} is missing: let it be built")
    for bootstrap in built.folder.glob("*/bootstrap"):
        machine = int.from_bytes(bootstrap.read_bytes()[18:20], "little")
        if machine != ELF_MACHINE[ARCHITECTURE]:
            raise Failed(f"{bootstrap} is for another processor: this machine runs {ARCHITECTURE} only")
