#!/usr/bin/env bash
# round-trip.sh DIR URL: pushes the corpus in DIR (see make.sh) to the binary cache at URL, fetches it into a fresh store
# and compares every NAR hash. Prints one line of JSON: paths, mismatches, pushSeconds, fetchSeconds. Status 0 if all agree.
#
# COMPRESSION   of the push (zstd)
# FETCH_URL     where to fetch from, if not URL
# NETRC         a netrc file
# WITH_DRVS     anything: push the derivations too
# PARTS         what to push ("outputs floating")
# TRUSTED       public keys; if set, all paths that are not content-addressed must be signed by one of them
set -euo pipefail
dir=$(cd "$1" && pwd)
url=$2 fetch=${FETCH_URL:-$2}
manifest=$dir/corpus-manifest.json python=/usr/bin/python3
# shellcheck source=/dev/null
. "$dir/env.sh"

options=()
[ -z "${NETRC:-}" ] || options+=(--option netrc-file "$NETRC")
signatures=(--option require-sigs false)
[ -z "${TRUSTED:-}" ] || signatures=(--option require-sigs true --option trusted-public-keys "$TRUSTED")
case $url in *\?*) url+="&" ;; *) url+="?" ;; esac
url+="compression=${COMPRESSION:-zstd}"

# nix caches narinfo lookups, so each half starts with an empty cache folder
forget() { XDG_CACHE_HOME=$(mktemp -d "$dir/tmp/memories.XXXXXX"); export XDG_CACHE_HOME; }
logged() { "${@:2}" 2>"$dir/$1.log" || { tail -20 "$dir/$1.log" >&2; exit 1; }; }
listed() { $python -c 'import json, sys; print(*eval(sys.argv[2], {"m": json.load(open(sys.argv[1]))}), sep="\n")' "$manifest" "$1"; }

paths=''
for part in ${PARTS:-outputs floating}; do
  case $part in
    outputs) paths+=$(listed '[p["path"] for p in m["paths"]]')$'\n' ;;
    floating) paths+=$(listed 'm["floating"]')$'\n' ;;
    *) echo "round-trip: no part $part" >&2; exit 2 ;;
  esac
done

forget
start=$EPOCHREALTIME
logged push xargs nix copy "${options[@]}" --from "$CORPUS_STORE" --to "$url" <<<"$paths"
if [ -n "${WITH_DRVS:-}" ]; then
  listed 'sorted({p["drvPath"] for p in m["paths"]})' |
    logged push xargs nix copy "${options[@]}" --derivation --from "$CORPUS_STORE" --to "$url"
fi
pushed=$EPOCHREALTIME

[ ! -e "$dir/fresh" ] || { chmod -R u+w "$dir/fresh"; rm -rf "$dir/fresh"; }
forget
logged fetch xargs nix-store "${options[@]}" "${signatures[@]}" --store "$dir/fresh" --option substituters "$fetch" --realise <<<"$paths" >/dev/null
fetched=$EPOCHREALTIME
logged verify xargs nix store verify --store "$dir/fresh" --no-trust <<<"$paths"
xargs nix path-info --store "$dir/fresh" --json <<<"$paths" >"$dir/fresh.json"

$python - "$manifest" "$dir/fresh.json" "$start" "$pushed" "$fetched" <<'END'
import json
import sys

expected = {p["path"]: p for p in json.load(open(sys.argv[1]))["paths"]}
fresh = json.load(open(sys.argv[2]))
start, pushed, fetched = map(float, sys.argv[3:])


def differs(path):
    want, got = expected[path], fresh[path]
    return got["narHash"] != want["narHash"] or sorted(got["references"]) != want["references"]


mismatches = [path for path in fresh if path in expected and differs(path)]
seconds = {"pushSeconds": round(pushed - start, 2), "fetchSeconds": round(fetched - pushed, 2)}
print(json.dumps({"paths": len(fresh), "mismatches": mismatches, **seconds}))
sys.exit(1 if mismatches else 0)
END
