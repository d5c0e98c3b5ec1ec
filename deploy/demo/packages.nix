# The sample packages, in the shape nixpkgs gives such packages, but without nixpkgs: the builders use the tools of the
# machine (make.sh lets the build see /usr), so that eight packages do not drag a compiler's closure along.
# "files" is the folder of tarballs and sdists that make.sh packed; a build sees it as /demo-files.
{ files }:
let
  inherit (builtins) attrNames baseNameOf concatStringsSep fromJSON fromTOML hashFile listToAttrs readFile replaceStrings;

  python = "python3.13";
  licences = {
    mit = { spdxId = "MIT"; fullName = "MIT License"; shortName = "mit"; free = true; };
    asl20 = { spdxId = "Apache-2.0"; fullName = "Apache License 2.0"; shortName = "asl20"; free = true; };
  };

  # mkDerivation in miniature: one shell script, several outputs, meta beside the derivation.
  mk = { pname, version, buildCommand, meta, name ? "${pname}-${version}", outputs ? [ "out" ], env ? { } }:
    let
      drv = derivation ({
        inherit name pname version outputs buildCommand;
        system = "x86_64-linux";
        builder = "/bin/sh";
        args = [ "-euc" "umask 022; eval \"$buildCommand\"" ];
        PATH = "/usr/bin:/bin";
        LC_ALL = "C.UTF-8";
        PYTHONDONTWRITEBYTECODE = "1";
      } // env);
      described = output: output // {
        inherit pname version;
        meta = {
          inherit name;
          maintainers = [ { name = "The Narthex authors"; email = "authors@narthex.example"; } ];
          platforms = [ "x86_64-linux" "aarch64-linux" ];
          position = "deploy/demo/packages.nix";
          outputsToInstall = [ "out" ];
        } // meta;
      };
    in described drv // listToAttrs (map (name: { inherit name; value = described drv.${name}; }) outputs);

  # A fixed-output path of one file, as a fetcher creates it.
  fetch = algorithm: file: urls: derivation {
    inherit urls;
    name = file;
    system = "x86_64-linux";
    builder = "/bin/sh";
    args = [ "-euc" ''echo "trying $urls"; cp "/demo-files/$name" "$out"'' ];
    PATH = "/usr/bin:/bin";
    outputHashMode = "flat";
    outputHashAlgo = algorithm;
    outputHash = hashFile algorithm "${files}/${file}";
    preferLocalBuild = true;
  };

  npm = folder: dependencies:
    let
      json = fromJSON (readFile (./packages + "/${folder}/package.json"));
      tarball = "${baseNameOf json.name}-${json.version}.tgz";
      bin = json.bin or { };
    in mk {
      # a scoped name becomes scope-name: a store path's name has no @ and no slash
      pname = replaceStrings [ "@" "/" ] [ "" "-" ] json.name;
      inherit (json) version;
      env = {
        src = fetch "sha512" tarball "mirror://npm/${json.name}/-/${tarball}";
        npmName = json.name;
        buildInputs = dependencies;
      };
      buildCommand = ''
        module="$out/lib/node_modules/$npmName"
        echo "unpacking $src"
        mkdir -p "$module"
        tar -xzf "$src" -C "$module" --strip-components=1 --no-same-owner
        for input in $buildInputs; do
          echo "linking $input"
          mkdir -p "$module/node_modules"
          ln -s "$input"/lib/node_modules/* "$module/node_modules/"
        done
      '' + concatStringsSep "" (map (command: ''
        echo "installing the command ${command}"
        mkdir -p "$out/bin"
        ln -s "../lib/node_modules/$npmName/${bin.${command}}" "$out/bin/${command}"
      '') (attrNames bin));
      meta = { inherit (json) description homepage; license = licences.mit; }
        // (if bin == { } then { } else { mainProgram = baseNameOf json.name; });
    };

  py = folder: dependencies:
    let
      inherit (fromTOML (readFile (./packages + "/${folder}/pyproject.toml"))) project;
      sdist = "${replaceStrings [ "-" ] [ "_" ] project.name}-${project.version}.tar.gz";
    in mk {
      pname = project.name;
      inherit (project) version;
      name = "${python}-${project.name}-${project.version}";
      outputs = [ "out" "dist" ];
      env = {
        src = fetch "sha256" sdist "mirror://pypi/${project.name}/${sdist}";
        pyproject = ./pyproject.py;
        propagatedBuildInputs = dependencies;
        site = "lib/${python}/site-packages";
      };
      buildCommand = ''
        echo "unpacking $src"
        tar -xzf "$src" --strip-components=1 --no-same-owner
        for input in $propagatedBuildInputs; do export PYTHONPATH="$input/$site"; done
        echo "running doctests"
        python3 -m doctest narthex_*/__init__.py
        echo "building the wheel"
        python3 "$pyproject" wheel . "$dist"
        mkdir -p "$out/$site"
        python3 -m zipfile -e "$dist"/*.whl "$out/$site"
        python3 "$pyproject" scripts . "$out/bin" "$out/$site" ''${PYTHONPATH:+"$PYTHONPATH"}
        if [ -n "$propagatedBuildInputs" ]; then
          mkdir -p "$out/nix-support"
          echo "$propagatedBuildInputs" > "$out/nix-support/propagated-build-inputs"
        fi
      '';
      meta = { inherit (project) description; homepage = project.urls.Homepage; license = licences.asl20; }
        // (if project ? scripts then { mainProgram = project.name; } else { });
    };

  folderOf = pname: ./packages + "/${replaceStrings [ "narthex-" ] [ "" ] pname}";

  # A folder with one shell script, its readme and perhaps its manual.
  shell = pname: { description, man ? false, runtimeInputs ? [ ] }: mk {
    inherit pname;
    version = "1.0.0";
    outputs = [ "out" ] ++ (if man then [ "man" ] else [ ]);
    env = { src = folderOf pname; inherit runtimeInputs; };
    buildCommand = ''
      echo "checking the syntax of $src/${pname}"
      sh -n "$src/${pname}"
      mkdir -p "$out/bin" "$out/share/doc/${pname}"
      cp "$src/README.md" "$out/share/doc/${pname}/"
      cp "$src/${pname}" "$out/bin/${pname}"
      for input in $runtimeInputs; do
        echo "adding $input to its PATH"
        sed -i "2i PATH=\$PATH:$input/bin" "$out/bin/${pname}"
      done
    '' + (if !man then "" else ''
      echo "installing the manual"
      install -D -m 444 -t "$man/share/man/man1" "$src/${pname}.1"
    '');
    meta = {
      inherit description;
      longDescription = readFile (folderOf pname + "/README.md");
      homepage = "https://narthex.example/${pname}";
      license = licences.asl20;
      mainProgram = pname;
    };
  };

  group = packages: packages // { recurseForDerivations = true; };
in
rec {
  npmPackages = group rec {
    colour = npm "colour-1.0.0" [ ];
    badge = npm "badge-1.1.0" [ colour ];
    badge_1_0 = npm "badge-1.0.0" [ colour ];
    time = npm "time-1.0.0" [ ];
  };
  pythonPackages = group rec {
    hash = py "hash-1.1.0" [ ];
    hash_1_0 = py "hash-1.0.0" [ ];
    client = py "client-1.0.0" [ hash ];
  };
  hello = shell "narthex-hello" { description = "Greets, and says where in the store it lies"; man = true; };
  netrc = shell "narthex-netrc" { description = "Writes the netrc file from which nix takes a token"; };
  watch = shell "narthex-watch" { description = "Prints what a cache publishes, as it is published"; runtimeInputs = [ netrc ]; };
}
