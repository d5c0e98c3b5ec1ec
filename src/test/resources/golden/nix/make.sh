#!/bin/bash
# make.sh: writes the golden files of this folder with a real Nix (2.26 was used), in a store and a configuration of its own.
# Needs nix, root (or user namespaces) and no network. Run it again only to renew them; the key, and so key.* and *.narinfo,
# change each time, the rest does not.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
T=$(mktemp -d)
trap 'chmod -R u+w "$T"; rm -rf "$T"' EXIT
mkdir -p "$T"/{conf,home,cache,state,tmp,bin-cache}
export NIX_REMOTE= NIX_CONF_DIR=$T/conf NIX_USER_CONF_FILES= HOME=$T/home XDG_CACHE_HOME=$T/cache XDG_CONFIG_HOME=$T/home \
  XDG_STATE_HOME=$T/home XDG_DATA_HOME=$T/home NIX_STATE_DIR=$T/state TMPDIR=$T/tmp
cat > "$T/conf/nix.conf" <<'END'
experimental-features = nix-command
sandbox = false
build-users-group =
substituters =
sandbox-paths = /usr /bin /lib /lib64
END
S=$T/store

# A tree with every kind of entry, and names whose order differs between bytes and UTF-16.
mkdir -p "$T/tree"/{bin,empty,lib/deep/er,names}
cd "$T/tree"
printf '#!/bin/sh\necho hello\n' > bin/hello && chmod +x bin/hello
ln -s hello bin/hi
ln -s ../../../nowhere lib/dangling
printf '12345678' > lib/eight
: > lib/nothing
printf 'x' > lib/deep/er/x
for name in a A a.b 'a b' 'quo"te' 'back\slash' $'tab\t' $'esc\e' $'del\x7f' ümlaut 'ﬀ' '😀' '漢字'; do printf '%s' "$name" > "names/$name"; done
cd "$HERE"

nix key generate-secret --key-name golden-1 > key.secret
nix key convert-secret-to-public < key.secret > key.public

# The tree as a source: NAR, listing as uploaded, listing as printed, narinfo with CA.
tree=$(nix store add --store "$S" --name tree-1.0 "$T/tree")
nix store dump-path --store "$S" "$tree" > tree.nar
cache="file://$T/bin-cache?compression=zstd&write-nar-listing=true&secret-key=$HERE/key.secret"
nix copy --from "$S" --to "$cache" "$tree"
base=${tree#/nix/store/}
cp "$T/bin-cache/${base%%-*}.narinfo" tree.narinfo
cp "$T/bin-cache/${base%%-*}.ls" tree.ls.json
nix store ls --store "file://$T/bin-cache" --json -R "$tree" > tree.printed.json
cp "$T/bin-cache/$(sed -n 's/^URL: //p' tree.narinfo)" tree.nar.zst

# Derivations, plain and with structured attributes, fixed and floating outputs, and what they build to.
cat > "$T/x.nix" <<'END'
let
  sh = name: attrs: derivation ({ inherit name; system = "x86_64-linux"; builder = "/bin/sh"; } // attrs);
  source = builtins.toFile "notes.txt" "notes\n";
  fixed = sh "fixed.txt" {
    args = [ "-c" "printf 'flat content' > $out" ];
    outputHashAlgo = "sha256"; outputHashMode = "flat";
    outputHash = builtins.hashString "sha256" "flat content";
  };
  plain = sh "plain-1.0" {
    outputs = [ "out" "doc" ];
    args = [ "-c" "printf \"$out\\n${fixed}\\n${source}\\n\" > $out; printf \"$out\" > $doc" ];
    awkward = "quote \" backslash \\ newline \n tab \t return \r dollar \${x} ünï 漢字";
    pname = "plain"; version = "1.0";
  };
  structured = sh "structured-2.0" {
    __structuredAttrs = true;
    args = [ "-c" "printf x > \"$(sed -n 's/.*\"out\":\"\\([^\"]*\\)\".*/\\1/p' .attrs.json)\"" ];
    pname = "structured"; version = "2.0";
    npmMeta = { list = [ 1 true "x" null 2.5 ]; text = "a \"quoted\" ü"; };
    input = plain; negative = -3; empty = [ ];
  };
in { inherit fixed plain structured; }
END
for attr in fixed plain structured; do
  drv=$(nix-instantiate --store "$S" "$T/x.nix" -A $attr 2>/dev/null)
  cp "$S$drv" $attr.drv
  echo "$drv" > $attr.drv.path
done
chmod 644 ./*.drv
outs=$(nix-build --store "$S" --no-out-link "$T/x.nix" -A fixed -A plain 2>/dev/null)
# shellcheck disable=SC2086
nix copy --from "$S" --to "$cache" $outs
# shellcheck disable=SC2046
nix copy --derivation --from "$S" --to "$cache" $(cat plain.drv.path)
for file in "$T"/bin-cache/*.narinfo; do
  case $(sed -n 's/^StorePath: //p' "$file") in
    *-plain-1.0) cp "$file" plain.narinfo ;;
    *-plain-1.0.drv) cp "$file" plain.drv.narinfo ;;
    *-fixed.txt) cp "$file" fixed.narinfo ;;
  esac
done

# Versions and names as the language sees them.
nix-instantiate --store "$S" --eval --strict --json --expr "
  let rows = builtins.filter (l: builtins.isString l && l != \"\") (builtins.split \"\n\" (builtins.readFile $HERE/versions.txt));
  in map (a: map (b: builtins.compareVersions a b) rows) rows" | tr -d '[]\n' | tr ',' '\n' > versions.compared
# Thousands of random pairs (the same each time, with the same awk): the second is often the first and a little more.
awk 'BEGIN {
  srand(7); split("0 1 2 7 9 . . - - a b r p e + _ ~ ü 漢 pre pre rc 00 10 2147483647 2147483648", part, " ")
  for (i = 0; i < 4000; i++) { a = text(7); b = rand() < 0.3 ? a text(3) : text(7); print a "\t" b }
}
function text(most,  s, n) { s = ""; for (n = int(rand() * (most + 1)); n > 0; n--) s = s part[1 + int(rand() * 26)]; return s }' > pairs.txt
nix-instantiate --store "$S" --eval --strict --json --expr "
  let rows = builtins.filter (l: builtins.isString l && l != \"\") (builtins.split \"\n\" (builtins.readFile $HERE/pairs.txt));
      cells = row: builtins.filter builtins.isString (builtins.split \"\t\" row);
      compare = row: let c = cells row; in builtins.compareVersions (builtins.elemAt c 0) (builtins.elemAt c 1);
  in map compare rows" | tr -d '[]\n' | tr ',' '\n' > pairs.compared
nix-instantiate --store "$S" --eval --strict --raw --expr "
  let rows = builtins.filter (l: builtins.isString l && l != \"\") (builtins.split \"\n\" (builtins.readFile $HERE/names.txt));
      cut = n: let p = builtins.parseDrvName n; in \"\${n}\t\${p.name}\t\${p.version}\n\";
  in builtins.concatStringsSep \"\" (map cut rows)" > names.cut
