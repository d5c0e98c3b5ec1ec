"""mkwheel.py TREE OUTDIR [sdist]: a wheel from an unpacked dist-packages folder, and an sdist if asked; same bytes each time."""

import base64
import gzip
import hashlib
import io
import os
import re
import sys
import tarfile
import zipfile

tree, out = sys.argv[1:3]
info = min(name for name in os.listdir(tree) if name.endswith((".dist-info", ".egg-info")))


def read(path):
    with open(path, "rb") as file:
        return file.read()


def metadata_file():
    path = os.path.join(tree, info)
    if os.path.isfile(path):
        return path
    return os.path.join(path, "METADATA" if info.endswith(".dist-info") else "PKG-INFO")


metadata = read(metadata_file())
name, version = (re.search(rf"^{key}: (.*)$", metadata.decode(), re.M).group(1).strip() for key in ("Name", "Version"))
stem = re.sub(r"[-_.]+", "_", name).lower() + "-" + version
dist_info = stem + ".dist-info"


def modules():
    """Relative path -> content and mode, sorted; without compiled files and the metadata folder."""
    for root, folders, files in os.walk(tree):
        folders[:] = sorted(f for f in folders if f != "__pycache__" and not f.endswith((".egg-info", ".dist-info")))
        for file in sorted(files):
            path = os.path.join(root, file)
            relative = os.path.relpath(path, tree)
            if relative != info and not file.endswith(".pyc"):
                yield relative, (read(path), 0o755 if os.access(path, os.X_OK) else 0o644)


def tag(files):
    """The tag that the file names of native modules give away."""
    native = [re.search(r"cpython-(\d+)-(x86_64|aarch64)", file) for file in files if file.endswith(".so")]
    found = next(filter(None, native), None)
    if found:
        return f"cp{found[1]}-cp{found[1]}-linux_{found[2]}"
    return f"cp37-abi3-linux_{os.uname().machine}" if native else "py3-none-any"


def wheel(files):
    wheel_tag = tag(files)
    pure = "true" if wheel_tag == "py3-none-any" else "false"
    for extra in ("entry_points.txt", "top_level.txt"):
        path = os.path.join(tree, info, extra)
        if info.endswith(".dist-info") and os.path.exists(path):
            files[f"{dist_info}/{extra}"] = (read(path), 0o644)
    files[f"{dist_info}/METADATA"] = (metadata, 0o644)
    header = f"Wheel-Version: 1.0\nGenerator: corpus\nRoot-Is-Purelib: {pure}\nTag: {wheel_tag}\n"
    files[f"{dist_info}/WHEEL"] = (header.encode(), 0o644)
    record = ""
    for file, (content, _) in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        record += f"{file},sha256={digest},{len(content)}\n"
    files[f"{dist_info}/RECORD"] = (f"{record}{dist_info}/RECORD,,\n".encode(), 0o644)
    with zipfile.ZipFile(f"{out}/{stem}-{wheel_tag}.whl", "w") as archive:
        for file, (content, mode) in files.items():
            entry = zipfile.ZipInfo(file, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = (0o100000 | mode) << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)


def sdist(files):
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for file, (content, _) in {"PKG-INFO": (metadata, 0o644), **files}.items():
            entry = tarfile.TarInfo(f"{stem}/{file}")
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, io.BytesIO(content))
    with open(f"{out}/{stem}.tar.gz", "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(archive.getvalue())


os.makedirs(out, exist_ok=True)
wheel(dict(modules()))
if "sdist" in sys.argv[3:]:
    sdist(dict(modules()))
