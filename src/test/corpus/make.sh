#!/usr/bin/env bash
# make.sh DIR [--small]: builds the test corpus, a Nix store of its own, into DIR. Run again, it only checks.
#
# DIR/store                  the store; its files lie in DIR/store/nix/store, its logs in DIR/store/nix/var/log
# DIR/corpus-manifest.json   every output with what a registry should see in it (manifest.py says the fields)
# DIR/meta.json              as nix-env -qaP --json --meta --drv-path --out-path gives it
# DIR/env.sh                 source it to run nix against the store: nix … --store "$CORPUS_STORE"
# DIR/keys                   the key pair that signed one of the paths
# DIR/awkward                a binary cache of unusual and of wrong NARs (awkward-nars.py)
# DIR/dl                     downloads; kept, so that the next run works offline
#
# Needs nix-bin, patchelf, npm, python3, dpkg-deb and apt-get, and root. The machine's nix settings are not used.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

small=() dir=''
for argument in "$@"; do
  case $argument in
    --small) small=(--small) ;;
    -*) dir=''; break ;;
    *) dir=$argument ;;
  esac
done
[ -n "$dir" ] || { echo "usage: make.sh DIR [--small]" >&2; exit 2; }
mkdir -p "$dir"/{dl,conf,home,cache,tmp,keys,state}
dir=$(cd "$dir" && pwd)

python=/usr/bin/python3
$python "$here/prepare.py" "$here/packages.json" "$dir/dl" "$dir/lock.json" "${small[@]}"

# finds its own folder when sourced, so that DIR can be copied
cat >"$dir/env.sh" <<'END'
dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export NIX_REMOTE= NIX_CONF_DIR="$dir/conf" NIX_USER_CONF_FILES= NIX_STATE_DIR="$dir/state" HOME="$dir/home" TMPDIR="$dir/tmp"
export XDG_CACHE_HOME="$dir/cache" XDG_CONFIG_HOME="$dir/home" XDG_STATE_HOME="$dir/home" XDG_DATA_HOME="$dir/home"
export CORPUS_STORE="$dir/store"
END
cat >"$dir/conf/nix.conf" <<END
experimental-features = nix-command flakes ca-derivations
sandbox = false
sandbox-fallback = false
build-users-group =
substituters =
sandbox-paths = /usr /bin /lib /lib64 /corpus-dl=$dir/dl
extra-platforms = aarch64-linux
fsync-metadata = false
max-jobs = 2
cores = 1
END
# shellcheck source=/dev/null
. "$dir/env.sh"
store=(--store "$CORPUS_STORE")
corpus=("$here/nix/corpus.nix" --argstr lockFile "$dir/lock.json")

if [ ! -e "$dir/keys/corpus-1.sec" ]; then
  nix key generate-secret --key-name corpus-1 >"$dir/keys/corpus-1.sec"
  nix key convert-secret-to-public <"$dir/keys/corpus-1.sec" >"$dir/keys/corpus-1.pub"
fi
log=$dir/build.log
exec 3>&2 2>"$log"
trap 'tail -30 "$log" >&3' ERR
nix-instantiate "${store[@]}" --eval --strict --json "${corpus[@]}" -A index >"$dir/index.json"
for group in npm python native special sources; do
  nix-instantiate "${store[@]}" "${corpus[@]}" -A "$group"
done | sed 's/!.*//' | sort -u >"$dir/drvs.txt"
# tried again if it fails: nix kills a builder once its output has ended, and on a loaded machine counted one as killed
# that was just exiting
realise() { xargs nix-store "${store[@]}" --realise <"$dir/drvs.txt" >/dev/null; }
realise || realise
nix build "${store[@]}" -f "$here/nix/floating.nix" two one --no-link --print-out-paths >"$dir/floating.txt"
nix-env "${store[@]}" -f "${corpus[@]}" -qaP --json --meta --drv-path --out-path >"$dir/meta.json"
$python "$here/manifest.py" "$dir" "$CORPUS_STORE"
$python "$here/awkward-nars.py" "$dir/awkward"
