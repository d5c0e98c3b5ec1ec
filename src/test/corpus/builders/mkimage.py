"""mkimage.py GRAPH NAME TAG ENTRYPOINT OUT: a docker-archive (version 1.2, gzip) as nixpkgs' dockerTools makes it.

One layer for each store path of the closure in GRAPH (format of exportReferencesGraph)."""

import gzip
import hashlib
import io
import json
import sys
import tarfile

graph, name, tag, entrypoint, out = sys.argv[1:]


def closure():
    """The graph lists path, deriver, number of references, references, for each path."""
    lines = open(graph).read().split("\n")
    at, paths = 0, set()
    while at < len(lines) and lines[at]:
        paths.add(lines[at])
        at += 3 + int(lines[at + 2])
    return sorted(paths)


def anonymous(entry):
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    entry.mtime = 1
    return entry


def layer(path):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for folder in ("nix", "nix/store"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode, entry.mtime = tarfile.DIRTYPE, 0o755, 1
            tar.addfile(entry)
        tar.add(path, path.lstrip("/"), filter=anonymous)
    return buffer.getvalue()


def put(tar, file, data):
    entry = tarfile.TarInfo(file)
    entry.size, entry.mode, entry.mtime = len(data), 0o444, 1
    tar.addfile(entry, io.BytesIO(data))


archive = io.BytesIO()
with tarfile.open(fileobj=archive, mode="w", format=tarfile.GNU_FORMAT) as tar:
    digests, history = [], []
    for path in closure():
        data = layer(path)
        digests.append(hashlib.sha256(data).hexdigest())
        history.append({"created": "1970-01-01T00:00:01+00:00", "comment": f"store paths: ['{path}']"})
        put(tar, f"{digests[-1]}/layer.tar", data)
    config = {
        "created": "1970-01-01T00:00:01+00:00",
        "architecture": "amd64",
        "os": "linux",
        "config": {"Entrypoint": [entrypoint], "Labels": {"org.opencontainers.image.version": tag}},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}" for digest in digests]},
        "history": history,
    }
    config = json.dumps(config, indent=4).encode()
    config_file = hashlib.sha256(config).hexdigest() + ".json"
    layers = [f"{digest}/layer.tar" for digest in digests]
    put(tar, config_file, config)
    put(tar, "manifest.json", json.dumps([{"Config": config_file, "RepoTags": [f"{name}:{tag}"], "Layers": layers}]).encode())
with open(out, "wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
    packed.write(archive.getvalue())
