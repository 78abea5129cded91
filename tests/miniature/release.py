"""A release's folder, made of the functions that were built for the miniature."""

import hashlib
import re
import zipfile

from machine import ARCHITECTURE


def released(build_dir, release):
    """As a release has it: an archive for each function, the template that names them, and their sums."""
    release.mkdir()
    template = (build_dir / "miniature.yaml").read_text()
    names = re.findall(r"^ +CodeUri: (\w+)$", template, re.MULTILINE)
    for name in names:
        with zipfile.ZipFile(release / f"{name}.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.write(build_dir / name / "bootstrap", "bootstrap")
    text = re.sub(r"^( +CodeUri: \w+)$", r"\1.zip", template, flags=re.MULTILINE)
    (release / f"template-{ARCHITECTURE}.yaml").write_text(text)
    files = sorted(release.iterdir())
    sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
    (release / "SHA256SUMS").write_text("".join(sums))
    return release
