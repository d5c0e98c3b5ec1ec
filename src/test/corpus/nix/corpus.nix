# The corpus: packages of several ecosystems with the shape nixpkgs gives them, built without nixpkgs.
# "lockFile" is what prepare.py wrote: names, versions and hashes of everything it fetched.
{ lockFile }:
let
  inherit (builtins) attrNames concatMap filter fromJSON listToAttrs map mapAttrs readFile replaceStrings substring unsafeDiscardStringContext;

  lib = import ./lib.nix;
  lock = fromJSON (readFile lockFile);
  packages = fromJSON (readFile ../packages.json);
  wanted = filter (p: !lock.small || p.small or false);

  deb = name: let e = lock.deb.${name}; in lib.fetch {
    name = e.fodName;
    file = "deb/${e.file}";
    inherit (e) hash url version;
    corpus = { ecosystem = "none"; package = name; };
  };
  npm = import ./npm.nix { inherit lib lock packages; };
  python = import ./python.nix { inherit lib lock packages deb; };
  native = import ./native.nix { inherit lib lock packages deb; };

  # "@types/node@22.10.1" as an attribute name: types_node-22-10-1
  key = spec: replaceStrings [ "@" "/" "." ] [ "-" "_" "-" ] (if substring 0 1 spec == "@" then substring 1 (-1) spec else spec);

  groups = {
    npm = listToAttrs (map (p: lib.pair (key p.spec) (npm.package p.spec)) (wanted packages.npm)) // { inherit (npm) app; };
    python = listToAttrs (map (p: lib.pair p.pname (python.package p)) (wanted packages.python));
    native = listToAttrs (map (p: lib.pair p.pname (native.package p)) (wanted packages.native));
    special = import ./special.nix { inherit lib lock packages native; };
    sources = listToAttrs (
      map (p: lib.pair "npm-${key p.spec}" (npm.tarball p.spec)) (wanted packages.npm)
      ++ map (name: lib.pair "deb-${key name}" (deb name)) (attrNames lock.deb));
  };

  row = group: attr:
    let drv = groups.${group}.${attr}; in {
      attr = "${group}.${attr}";
      drvPath = unsafeDiscardStringContext drv.drvPath;
      inherit (drv) name system;
      inherit (drv.corpus) version kind ecosystem package;
      outputs = listToAttrs (map (o: lib.pair o (unsafeDiscardStringContext drv.${o}.outPath)) (drv.outputs or [ "out" ]));
    };
in
mapAttrs (_: group: group // { recurseForDerivations = true; }) groups // {
  # one row for each derivation, for manifest.py
  index = concatMap (group: map (row group) (attrNames groups.${group})) (attrNames groups);
}
