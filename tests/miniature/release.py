"""A release's folder: made of the functions that were built for the miniature, or one that is there already."""

import hashlib
import re
import shutil
import zipfile

import cloud
from machine import ARCHITECTURE

TEMPLATE = f"template-{ARCHITECTURE}.yaml"


def released(built, folder):
    """As a release has it: an archive for each function, the template that names them, and their sums."""
    if built.release:
        shutil.copytree(built.release, folder)
        template, _ = cloud.overlaid((folder / TEMPLATE).read_text())
    else:
        folder.mkdir()
        template = packed(built.folder, folder)
    (folder / TEMPLATE).write_text(template)
    files = sorted(file for file in folder.iterdir() if file.name != "SHA256SUMS")
    sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
    (folder / "SHA256SUMS").write_text("".join(sums))
    return folder


def packed(build_dir, folder):
    template = (build_dir / "miniature.yaml").read_text()
    names = re.findall(r"^ +CodeUri: (\w+)$", template, re.MULTILINE)
    for name in names:
        with zipfile.ZipFile(folder / f"{name}.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.write(build_dir / name / "bootstrap", "bootstrap")
    return re.sub(r"^( +CodeUri: \w+)$", r"\1.zip", template, flags=re.MULTILINE)
