#!/usr/bin/env bash
# make.sh: builds the sample packages with the real nix, npm and python, and replaces deploy/demo/cache with the result,
# a binary cache in a folder (what `nix copy --to file://…` writes) with logs, meta.json and the order to publish in.
# The committed cache is what this writes: the same sources give the same bytes. Needs nix-bin, npm, python3; as root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
mkdir -p "$work"/{files,conf,home,tmp,test/node_modules}

echo "testing and packing"
for folder in packages/*/; do
  if [ -e "$folder/package.json" ]; then
    cp -r "$folder" "$work/test/"
    [[ $folder != *colour* ]] || cp -r "$folder" "$work/test/node_modules/narthex-colour"
    npm pack --silent --ignore-scripts --pack-destination "$work/files" "./$folder" >/dev/null
  elif [ -e "$folder/pyproject.toml" ]; then
    /usr/bin/python3 pyproject.py sdist "$folder" "$work/files"
  fi
done
# Node bundles its own zlib, so compressed bytes differ between builds; gzip gives the same bytes everywhere
for tarball in "$work"/files/*.tgz; do
  gunzip -c "$tarball" | gzip -n9 >"$work/tmp/repacked"
  mv "$work/tmp/repacked" "$tarball"
done
# fetchers name a file by the last part of its URL, without the scope
mv "$work/files/narthex-time-1.0.0.tgz" "$work/files/time-1.0.0.tgz"
(cd "$work/test" && node --test ./*/test.js >"$work/test.log") || { cat "$work/test.log" >&2; exit 1; }

# nix without this machine's settings, store, caches and daemon
export NIX_REMOTE='' NIX_CONF_DIR=$work/conf NIX_USER_CONF_FILES='' NIX_STATE_DIR=$work/state HOME=$work/home \
  XDG_CACHE_HOME=$work/home XDG_CONFIG_HOME=$work/home XDG_STATE_HOME=$work/home XDG_DATA_HOME=$work/home TMPDIR=$work/tmp
cat >"$work/conf/nix.conf" <<END
experimental-features = nix-command
sandbox = false
sandbox-fallback = false
build-users-group =
substituters =
sandbox-paths = /usr /bin /lib /lib64 /demo-files=$work/files
END
args=(--store "$work/store" --argstr files "$work/files")

echo "building"
nix-instantiate "${args[@]}" packages.nix >"$work/drvs" 2>"$work/log"
sed 's/!.*//' "$work/drvs" | sort -u | xargs nix-store --store "$work/store" --realise >"$work/outs" 2>>"$work/log" || { cat "$work/log" >&2; exit 1; }
mapfile -t sources < <(xargs nix-store --store "$work/store" --query --requisites <"$work/drvs" | grep '\.drv$' | sort -u)
mapfile -t outputs < <(nix-store --store "$work/store" --query --outputs "${sources[@]}" | sort -u)

echo "writing the cache"
cache="file://$work/cache?compression=zstd"
nix copy --quiet --from "$work/store" --to "$cache" --derivation "${sources[@]}"
nix copy --quiet --from "$work/store" --to "$cache" "${outputs[@]}"
nix store copy-log --from "$work/store" --to "$cache" "${sources[@]}"
nix store verify --quiet --store "$cache" --all --no-trust
nix-env "${args[@]}" -f packages.nix -qaP --json --meta --drv-path --out-path >"$work/cache/meta.json"
# references are published before the path that has them; sorted, as tsort's order is not stable
for info in "$work"/cache/*.narinfo; do
  hash=$(basename "$info" .narinfo)
  sed -n 's/^References: //p' "$info" | tr ' ' '\n' | sed "s/-.*/ $hash/"
  echo "$hash $hash"
done | sort | tsort >"$work/cache/order"

rm -rf cache
cp -r "$work/cache" cache
rmdir cache/realisations 2>/dev/null || true
find cache -type f -exec chmod 644 {} + -o -type d -exec chmod 755 {} +
echo "$(wc -l <cache/order) store paths, $(cat cache/*.narinfo cache/nar/* cache/log/* cache/meta.json | wc -c) bytes"
