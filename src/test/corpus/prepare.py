"""prepare.py PACKAGES DL LOCK [--small]: fetch the third-party inputs with npm and apt-get, write what came to LOCK.

Files already in DL are kept, so a second run works offline. Nothing third-party lies in the repository."""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile

packages_file, dl, lock_file = sys.argv[1:4]
small = "--small" in sys.argv
packages = json.load(open(packages_file))


def run(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, **options).stdout


def wanted(group):
    return [p for p in packages[group] if p.get("small") or not small]


def sri(path, algorithm):
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, algorithm).digest()
    return f"{algorithm}-{base64.b64encode(digest).decode()}"


def npm_tarballs(specs):
    """Spec -> file and integrity, as npm pack said them; remembered in DL/npm/index.json."""
    index_file = f"{dl}/npm/index.json"
    index = json.load(open(index_file)) if os.path.exists(index_file) else {}
    missing = [s for s in specs if s not in index or not os.path.exists(f"{dl}/npm/{index[s]['file']}")]
    if missing:
        options = ("--json", "--ignore-scripts", "--pack-destination", f"{dl}/npm")
        for packed in json.loads(run("npm", "pack", *options, *missing, cwd=dl)):
            index[f"{packed['name']}@{packed['version']}"] = {"file": packed["filename"], "integrity": packed["integrity"]}
        json.dump(index, open(index_file, "w"), indent=1)
    return index


def lock_npm(entry, tarball):
    path = f"{dl}/npm/{tarball['file']}"
    if sri(path, "sha512") != tarball["integrity"]:
        sys.exit(f"{path} has not the integrity that npm named: delete it and start again")
    with tarfile.open(path) as archive:
        top = next(member.name.split("/")[0] for member in archive if member.isfile())
        manifest = json.load(archive.extractfile(f"{top}/package.json"))
    name, version = manifest["name"], manifest["version"]
    base = name.split("/")[-1]
    bin_ = manifest.get("bin") or {}
    license_ = manifest.get("license") or "MIT"
    return {
        "name": name,
        "version": version,
        "file": tarball["file"],
        "integrity": tarball["integrity"],
        "fodName": f"{base}-{version}.tgz",
        "url": f"mirror://npm/{name}/-/{base}-{version}.tgz",
        "bin": {base: bin_} if isinstance(bin_, str) else bin_,
        "description": manifest.get("description", ""),
        "homepage": manifest.get("homepage") or "",
        "license": license_["type"] if isinstance(license_, dict) else license_,
        **{key: entry[key] for key in ("deps", "vulnerable", "structured") if key in entry},
    }


def lock_tree(npm):
    """A source tree with a recursive hash, from one of the tarballs."""
    entry = npm[packages["tree"]] if packages["tree"] in npm else next(iter(npm.values()))
    tree = f"{dl}/src/tree"
    shutil.rmtree(tree, ignore_errors=True)
    with tarfile.open(f"{dl}/npm/{entry['file']}") as archive:
        archive.extractall(tree, filter="data")
    top = min(os.listdir(tree))
    return {
        "dir": f"tree/{top}",
        "hash": run("nix-hash", "--type", "sha256", "--sri", f"{tree}/{top}", text=True).strip(),
        "version": entry["version"],
        "url": f"mirror://git/{entry['name']}/archive/{entry['version']}.tar.gz",
    }


def deb_file(name):
    found = sorted(f for f in os.listdir(f"{dl}/deb") if f.startswith(name + "_") and f.endswith(".deb"))
    return found[-1] if found else None


def download_debs(names):
    missing = [name for name in names if not deb_file(name)]
    if not missing:
        return
    get = ("apt-get", "-q", "-o", "APT::Sandbox::User=root", "-o", "DPkg::Lock::Timeout=300")
    try:
        run(*get, "download", *missing, cwd=f"{dl}/deb", stderr=subprocess.DEVNULL)
    except subprocess.CalledProcessError:
        # the lists are absent, or older than the archive
        run(*get, "update")
        run(*get, "download", *missing, cwd=f"{dl}/deb")


def upstream_version(debian):
    """1:8.2.0+0.really.8.1.8-2 is 8.1.8."""
    version = re.sub(r"-[^-]*$", "", re.sub(r"^\d+:", "", debian))
    really = re.search(r"really\.?(\d.*)$", version)
    return re.sub(r"([+~]|\.dfsg).*$", "", really.group(1) if really else version)


def lock_deb(name):
    file = deb_file(name)
    control = run("dpkg-deb", "-f", f"{dl}/deb/{file}", "Version", "Description", "Homepage", text=True)
    fields = dict(re.findall(r"^(\w+): (.*)$", control, re.M))
    return {
        "file": file,
        # a name in the store takes only these characters
        "fodName": re.sub(r"[^0-9A-Za-z+._?=-]", "-", file.replace("%3a", "-")),
        "hash": sri(f"{dl}/deb/{file}", "sha256"),
        "version": upstream_version(fields["Version"]),
        "description": fields.get("Description", ""),
        "homepage": fields.get("Homepage", ""),
        "url": f"mirror://debian/pool/{file}",
    }


for folder in ("npm", "deb", "src"):
    os.makedirs(f"{dl}/{folder}", exist_ok=True)
tarballs = npm_tarballs([p["spec"] for p in wanted("npm")])
npm = {p["spec"]: lock_npm(p, tarballs[p["spec"]]) for p in wanted("npm")}
debs = sorted({p["deb"] for p in wanted("python")} | {deb for p in wanted("native") for deb in p["debs"]})
download_debs(debs)
lock = {"small": small, "npm": npm, "tree": lock_tree(npm), "deb": {name: lock_deb(name) for name in debs}}
with open(lock_file, "w") as file:
    json.dump(lock, file, indent=1, ensure_ascii=False)
