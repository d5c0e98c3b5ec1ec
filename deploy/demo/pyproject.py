"""pyproject.py sdist|wheel SRC OUTDIR, or scripts SRC BINDIR SITE…: what a build backend does, for the sample packages.

Small, offline and the same bytes each time: entries sorted, times fixed, no compressor settings left to a default.
Formats: PyPA core metadata 2.4, binary distribution format 1.0, source distribution format."""

import base64, gzip, hashlib, io, pathlib, sys, tarfile, tomllib, zipfile

command, src, out, *sites = sys.argv[1:]
src, out = pathlib.Path(src), pathlib.Path(out)
project = tomllib.loads((src / "pyproject.toml").read_text())["project"]
stem = f"{project['name'].replace('-', '_')}-{project['version']}"


def metadata() -> bytes:
    lines = [
        "Metadata-Version: 2.4",
        f"Name: {project['name']}",
        f"Version: {project['version']}",
        f"Summary: {project['description']}",
        *(f"Author: {author['name']}" for author in project["authors"]),
        f"License-Expression: {project['license']}",
        f"Keywords: {','.join(project['keywords'])}",
        *(f"Classifier: {classifier}" for classifier in project["classifiers"]),
        *(f"Project-URL: {label}, {url}" for label, url in project["urls"].items()),
        f"Requires-Python: {project['requires-python']}",
        *(f"Requires-Dist: {dependency}" for dependency in project.get("dependencies", [])),
        "Description-Content-Type: text/markdown",
    ]
    return ("\n".join(lines) + "\n\n" + (src / project["readme"]).read_text()).encode()


def module_files() -> list:
    return sorted(f for f in src.glob("narthex_*/**/*") if f.is_file() and f.suffix != ".pyc")


def sdist():
    files = [(f.relative_to(src), f.read_bytes()) for f in [src / "README.md", src / "pyproject.toml", *module_files()]]
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in sorted([(pathlib.Path("PKG-INFO"), metadata()), *files]):
            entry = tarfile.TarInfo(f"{stem}/{name}")
            entry.size, entry.mode, entry.mtime = len(content), 0o644, 315532800
            archive.addfile(entry, io.BytesIO(content))
    with open(out / f"{stem}.tar.gz", "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(tar.getvalue())


def wheel():
    info = f"{stem}.dist-info"
    files = {str(f.relative_to(src)): f.read_bytes() for f in module_files()}
    files[f"{info}/METADATA"] = metadata()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: narthex-demo 1\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    if "scripts" in project:
        entries = "".join(f"{name} = {target}\n" for name, target in project["scripts"].items())
        files[f"{info}/entry_points.txt"] = f"[console_scripts]\n{entries}".encode()
    digest = lambda content: base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    record = "".join(f"{name},sha256={digest(content)},{len(content)}\n" for name, content in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    out.mkdir(parents=True)
    with zipfile.ZipFile(out / f"{stem}-py3-none-any.whl", "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, 9)


def scripts():
    for name, target in project.get("scripts", {}).items():
        module, function = target.split(":")
        out.mkdir(exist_ok=True)
        script = out / name
        script.write_text(f"#!/usr/bin/env python3\nimport sys\n\nsys.path[1:1] = {sites}\nfrom {module} import {function}\n\nsys.exit({function}())\n")
        script.chmod(0o755)


{"sdist": sdist, "wheel": wheel, "scripts": scripts}[command]()
