# What every part of the corpus is made with: mkDerivation in miniature, a fetcher, licences.
let
  inherit (builtins) listToAttrs map;
  linux = "x86_64-linux";
  team = { name = "Corpus maintainers"; email = "corpus@example.org"; github = "example"; githubId = 0; };
  licenses = {
    "MIT" = { spdxId = "MIT"; fullName = "MIT License"; shortName = "mit"; free = true; redistributable = true; deprecated = false; };
    "BSD-3-Clause" = { spdxId = "BSD-3-Clause"; fullName = "BSD 3-Clause \"New\" or \"Revised\" License"; shortName = "bsd3"; free = true; };
  };
in
rec {
  license = id: licenses.${id} or { spdxId = id; fullName = id; shortName = id; free = true; };

  pair = name: value: { inherit name value; };

  # One shell script, several outputs, meta beside the derivation. "corpus" says what a registry should see in it.
  # "structured" passes the attributes as JSON (__structuredAttrs), which needs bash to read them back.
  mk = { pname, version, script, corpus, name ? "${pname}-${version}", outputs ? [ "out" ], env ? { }, meta ? { }, system ? linux, structured ? false }:
    let
      fullMeta = {
        inherit name;
        available = true; broken = false; unfree = false; unsupported = false;
        insecure = (meta.knownVulnerabilities or [ ]) != [ ];
        maintainers = [ team ];
        platforms = [ "x86_64-linux" "aarch64-linux" ];
        outputsToInstall = [ (builtins.head outputs) ];
      } // meta;
      readBack = ''
        . "$NIX_ATTRS_SH_FILE"
        for o in "''${!outputs[@]}"; do printf -v "$o" %s "''${outputs[$o]}"; done
        export PATH=/usr/bin:/bin
      '';
      drv = derivation ({
        inherit name pname version system outputs;
        builder = if structured then "/bin/bash" else "/bin/sh";
        args = [ "-euc" (if structured then readBack + script else script) ];
        PATH = "/usr/bin:/bin";
      } // (if structured then { __structuredAttrs = true; meta = fullMeta; } else { }) // env);
      described = output: output // {
        inherit pname version name;
        meta = fullMeta;
        corpus = { kind = "package"; } // corpus // { inherit version; };
      };
    in
    described drv // listToAttrs (map (o: pair o (described drv.${o})) outputs);

  # A flat fixed-output file, as a fetcher leaves it; the file lies in DIR/dl, which a build sees as /corpus-dl.
  fetch = { name, file, hash, url, version, corpus }:
    derivation {
      inherit name file;
      system = linux;
      builder = "/bin/sh";
      args = [ "-euc" ''cp "/corpus-dl/$file" "$out"'' ];
      PATH = "/usr/bin:/bin";
      urls = url;
      outputHash = hash;
      outputHashMode = "flat";
      preferLocalBuild = true;
      impureEnvVars = [ "http_proxy" "https_proxy" "no_proxy" ];
      curlOpts = "";
      executable = "";
    } // { meta = { }; corpus = { kind = "source"; inherit version; } // corpus; };
}
