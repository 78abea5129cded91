"""What a release's folder holds, made of binaries that are there: the same bytes of the same binaries, always.

    DIR/template-ARCH.yaml       template.yaml, whose functions are the archives beside it
    DIR/FUNCTION-ARCH.zip        one executable, `bootstrap`
    DIR/reminders-linux-ARCH     the owner's command
    DIR/SHA256SUMS               for `sha256sum --check`
"""

import hashlib
import re
import shutil
import zipfile

from compiling import COMMAND, FUNCTIONS, ROOT

SUMS = "SHA256SUMS"
# The earliest that an archive can tell. When it was made is nobody's business, and would make other bytes.
EPOCH = (1980, 1, 1, 0, 0, 0)
UNIX = 3
EXECUTABLE_FILE = 0o100755
# Where files of a release may lie already, and what they are called: nothing else is ever removed.
OURS = re.compile(rf"template-\w+\.yaml|({'|'.join(FUNCTIONS)})-\w+\.zip|{COMMAND}-linux-\w+|{SUMS}")


class Failed(Exception):
    """It cannot be packed; the text is for people."""


def empty_folder(out):
    """What a release before left here goes; whatever else is here stops it."""
    out.mkdir(parents=True, exist_ok=True)
    for file in out.iterdir():
        if not OURS.fullmatch(file.name):
            raise Failed(f"{file} is not of a release: choose an empty folder")
    for file in out.iterdir():
        file.unlink()


def pack(binaries, architecture, out):
    """Of the binaries at `binaries`/NAME/bootstrap."""
    for name in FUNCTIONS:
        archive(binaries / name / "bootstrap", out / archive_name(name, architecture))
    (out / f"template-{architecture}.yaml").write_text(template(architecture))
    command = out / f"{COMMAND}-linux-{architecture}"
    shutil.copyfile(binaries / COMMAND / "bootstrap", command)
    command.chmod(0o755)


def archive_name(function, architecture):
    return f"{function}-{architecture}.zip"


def archive(binary, file):
    entry = zipfile.ZipInfo("bootstrap", EPOCH)
    entry.create_system = UNIX  # or Lambda finds nothing it may execute
    entry.external_attr = EXECUTABLE_FILE << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(file, "w") as made:
        made.writestr(entry, binary.read_bytes(), compresslevel=9)


def template(architecture):
    """template.yaml with the archives in it, nothing to be built, and no other architecture to choose.

    Line by line, for its comments are for who deploys it, too.
    """
    lines, function, parameter = [], None, None
    source = (ROOT / "template.yaml").read_text().splitlines()
    binaries = iter([line.split()[-1] for line in source if line.strip().startswith("Binary: ")])
    for line in source:
        if re.fullmatch(r"  \w+:", line):
            parameter = line.strip(" :")
        if line.strip() == "BuildMethod: rust-cargolambda":
            function = next(binaries)
        elif line.strip() == "BuildProperties:" or line.strip().startswith("Binary: "):
            continue
        elif line.strip() == "CodeUri: .":
            lines.append(line.replace(".", archive_name(function, architecture)))
        elif parameter == "Architecture" and line.strip().startswith("Default: "):
            lines.append(f"    Default: {architecture}")
        elif parameter == "Architecture" and line.strip().startswith("AllowedValues: "):
            lines.append(f"    AllowedValues: [{architecture}]")
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


def sum_up(out):
    names = sorted(file.name for file in out.iterdir() if file.name != SUMS)
    sums = [f"{hashlib.sha256((out / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (out / SUMS).write_text("".join(sums))
