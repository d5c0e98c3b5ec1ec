"""manifest.py DIR STORE: sign one path, write DIR/corpus-manifest.json from DIR/index.json and the store."""

import json
import os
import subprocess
import sys

folder, store = sys.argv[1:3]


def nix(*arguments):
    return subprocess.run(("nix", *arguments), check=True, stdout=subprocess.PIPE, text=True).stdout


index = json.load(open(f"{folder}/index.json"))
paths = sorted({path for drv in index for path in drv["outputs"].values()})
# the first npm package is signed; every other input-addressed path stays unsigned
signed = next(drv["outputs"]["out"] for drv in index if drv["ecosystem"] == "npm" and drv["kind"] == "package")
nix("store", "sign", "--quiet", "--store", store, "--key-file", f"{folder}/keys/corpus-1.sec", signed)
info = json.loads(nix("path-info", "--store", store, "--json", *paths))


def row(drv, output, path):
    facts = info[path]
    return {
        **{key: drv[key] for key in ("attr", "version", "kind", "ecosystem", "package", "system", "drvPath")},
        "path": path,
        "name": os.path.basename(path)[33:],
        "output": output,
        "narHash": facts["narHash"],
        "narSize": facts["narSize"],
        "references": sorted(facts["references"]),
        "ca": facts.get("ca"),
        "signatures": facts.get("signatures", []),
    }


rows = [row(drv, output, path) for drv in index for output, path in drv["outputs"].items()]
manifest = {
    "storeDir": "/nix/store",
    "publicKey": open(f"{folder}/keys/corpus-1.pub").read().strip(),
    "signed": signed,
    "floating": open(f"{folder}/floating.txt").read().split(),
    "count": len(rows),
    "paths": sorted(rows, key=lambda r: r["path"]),
}
with open(f"{folder}/corpus-manifest.json", "w") as file:
    json.dump(manifest, file, indent=1, sort_keys=True)
print(f"{len(rows)} outputs of {len(index)} derivations, {sum(r['narSize'] for r in rows) / 1e6:.1f} MB of NAR")
