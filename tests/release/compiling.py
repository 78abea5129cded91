"""Compiles what a release carries, with no path of this machine in it."""

import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# Apart from what is compiled without our flags: else each would be compiled anew after the other.
TARGET = ROOT / "target/release-build"
BINARIES = TARGET / "lambda"
ARCHITECTURES = {"arm64": "--arm64", "x86_64": "--x86-64"}
ELF_MACHINE = {"x86_64": 62, "arm64": 183}
FUNCTIONS = ("wechat-callback", "reminder-api", "reminder-dispatch", "operations")
COMMAND = "reminders"
NEWEST_GLIBC_OF_AL2023 = 34  # provided.al2023 has glibc 2.34
# As tests/miniature/run builds, too.
QUICK = {
    "CARGO_PROFILE_RELEASE_LTO": "thin",
    "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": "16",
    "CARGO_PROFILE_RELEASE_OPT_LEVEL": "1",
}


class Failed(Exception):
    """A release cannot be made; the text is for people."""


def compile_all(architecture, quick):
    """Each binary is at BINARIES/NAME/bootstrap then, until the next architecture's are.

    In two calls: in one, what the command asks of the AWS crates would be built into the functions.
    """
    for names in (FUNCTIONS, (COMMAND,)):
        compile_these(names, architecture, quick)


def compile_these(names, architecture, quick):
    wanted = [argument for name in names for argument in ("--package", name, "--bin", name)]
    command = ["cargo", "lambda", "build", "--release", "--locked", ARCHITECTURES[architecture], *wanted]
    remapped = [f"--remap-path-prefix={folder}={name}" for folder, name in folders().items()]
    # What .ci/run installs, if it is there; else what stands in the PATH.
    path = f"{ROOT / '.venv/deploy/bin'}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "RUSTFLAGS": " ".join(remapped)} | (QUICK if quick else {})
    environment |= {"CARGO_TARGET_DIR": str(TARGET)}
    if subprocess.run(command, cwd=ROOT, env=environment).returncode:
        raise Failed(f"cargo lambda build of {', '.join(names)} for {architecture}")
    for name in names:
        look_at(BINARIES / name / "bootstrap", architecture)


def folders():
    """Where sources lie here, and what a binary calls it: panics tell where in the sources they are."""
    asked = subprocess.run(["rustc", "--print", "sysroot"], cwd=ROOT, check=True, capture_output=True, text=True)
    cargo_home = os.environ.get("CARGO_HOME", pathlib.Path.home() / ".cargo")
    return {str(ROOT): "/reminders", str(cargo_home): "/cargo", asked.stdout.strip(): "/rust"}


def look_at(binary, architecture):
    """That it is for this processor, links against nothing newer than Lambda has, and names nothing of this machine."""
    content = binary.read_bytes()
    if int.from_bytes(content[18:20], "little") != ELF_MACHINE[architecture]:
        raise Failed(f"{binary} is not for {architecture}")
    glibc = max((int(version) for version in re.findall(rb"GLIBC_2\.(\d+)", content)), default=0)
    if glibc > NEWEST_GLIBC_OF_AL2023:
        raise Failed(f"{binary} needs glibc 2.{glibc}")
    for folder in folders():
        if folder.encode() in content:
            raise Failed(f"{folder} is in {binary}: another machine would make other bytes")
    print(f"{binary.parent.name} for {architecture}: {len(content)} bytes, needs glibc 2.{glibc}")
