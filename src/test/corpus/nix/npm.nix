# npm packages: the tarball as a fixed output, and unpacked as lib/node_modules/NAME with its dependencies as symlinks.
{ lib, lock, packages }:
let
  inherit (builtins) attrNames concatStringsSep head map replaceStrings toJSON;
  inherit (lib) license mk;
in
rec {
  tarball = spec:
    let e = lock.npm.${spec}; in
    lib.fetch {
      name = e.fodName;
      file = "npm/${e.file}";
      hash = e.integrity;
      inherit (e) url version;
      corpus = { ecosystem = "npm"; package = e.name; };
    };

  package = spec:
    let
      e = lock.npm.${spec};
      structured = e.structured or false;
      link = name: ''
        mkdir -p "$d/node_modules"
        ln -s "${package "${name}@${e.deps.${name}}"}/lib/node_modules/${name}" "$d/node_modules/${name}"
      '';
      command = name: ''
        mkdir -p "$out/bin"
        chmod +x "$d/${e.bin.${name}}"
        ln -s "../lib/node_modules/$npmName/${e.bin.${name}}" "$out/bin/${name}"
      '';
    in
    mk {
      # a scoped name becomes _at_scope_slash_name, as node2nix writes it
      pname = replaceStrings [ "@" "/" ] [ "_at_" "_slash_" ] e.name;
      inherit (e) version;
      inherit structured;
      env = { src = tarball spec; npmName = e.name; binMap = toJSON e.bin; }
        // (if structured then { npmMeta = { inherit (e) name version; list = [ 1 true "x" ]; }; } else { });
      script = ''
        d="$out/lib/node_modules/$npmName"
        mkdir -p "$d"
        tar -xzf "$src" -C "$d" --strip-components=1 --no-same-owner --no-same-permissions
      ''
      + concatStringsSep "" (map link (attrNames (e.deps or { })))
      + concatStringsSep "" (map command (attrNames e.bin));
      meta = { inherit (e) description homepage; license = license e.license; }
        // (if e ? vulnerable then { knownVulnerabilities = e.vulnerable; } else { })
        // (if e.bin != { } then { mainProgram = head (attrNames e.bin); } else { });
      corpus = { ecosystem = "npm"; package = e.name; };
    };

  # An application with its node_modules inside: the nested ones must not become packages of their own.
  app =
    let
      inherit (packages.app) pname version nested;
      description = "Demo application with its dependencies inside";
      manifest = { name = pname; inherit version description; main = "index.js"; license = "MIT"; bin = { demo = "index.js"; }; };
      unpack = spec: let name = lock.npm.${spec}.name; in ''
        mkdir -p "$d/node_modules/${name}"
        tar -xzf ${tarball spec} -C "$d/node_modules/${name}" --strip-components=1 --no-same-owner --no-same-permissions
      '';
    in
    mk {
      inherit pname version;
      env = { srcs = map tarball nested; };
      script = ''
        d="$out/lib/node_modules/${pname}"
        mkdir -p "$d/node_modules" "$out/bin"
        echo '${toJSON manifest}' > "$d/package.json"
        printf '#!/usr/bin/env node\nconsole.log("demo")\n' > "$d/index.js"
        chmod +x "$d/index.js"
        ln -s "../lib/node_modules/${pname}/index.js" "$out/bin/demo"
      '' + concatStringsSep "" (map unpack nested);
      meta = { inherit description; license = license "MIT"; mainProgram = "demo"; };
      corpus = { ecosystem = "npm"; package = pname; };
    };
}
