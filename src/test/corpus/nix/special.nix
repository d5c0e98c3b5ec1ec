# Shapes that break assumptions: an image, awkward file names, a recursive fixed output, a text path, one name for two
# systems; in the full corpus also one very large file and very many small ones.
{ lib, lock, packages, native }:
let
  inherit (lib) license mk;
  fill = ../builders/fill.py;
  plain = package: { ecosystem = "none"; inherit package; };

  hello = system: word: mk {
    pname = "hello-script";
    version = "1.1";
    inherit system;
    script = ''
      mkdir -p "$out/bin"
      printf '#!/bin/sh\necho hello ${word}\n' > "$out/bin/hello-script"
      chmod +x "$out/bin/hello-script"
    '';
    meta = { description = "The same name for two systems"; mainProgram = "hello-script"; };
    corpus = plain "hello-script";
  };
in
{
  image =
    let
      wanted = if lock.small then packages.imageSmall else packages.image;
      program = native.named wanted.of;
      content = program.bin or program.out;
    in
    mk {
      pname = "docker-image-${wanted.name}";
      version = wanted.tag;
      name = "docker-image-${wanted.name}.tar.gz";
      env = {
        exportReferencesGraph = [ "graph" content ];
        imageName = "demo/${wanted.name}";
        imageTag = wanted.tag;
        mkimage = ../builders/mkimage.py;
      };
      script = ''python3 "$mkimage" graph "$imageName" "$imageTag" "${content}/bin/${program.meta.mainProgram}" "$out"'';
      meta = { description = "Image of ${wanted.name}"; license = license "MIT"; };
      corpus = { ecosystem = "oci"; package = "demo/${wanted.name}"; kind = "image"; };
    };

  tricky = mk {
    pname = "tricky-tree";
    version = "1.0";
    env = { LC_ALL = "C.UTF-8"; };
    script = ''python3 ${fill} tricky "$out"'';
    meta = {
      description = "A tree with <b>awkward</b> & \"quoted\" names — Ünïcode";
      longDescription = "Line one.\n\n<script>alert(1)</script>\n";
      license = [ (license "MIT") (license "BSD-3-Clause") ];
      changelog = "https://example.org/changes";
    };
    corpus = plain "tricky-tree";
  };

  # what a fetcher of repositories gives: recursive hash, named "source", content-addressed, in need of no signature
  source = derivation {
    name = "source";
    system = "x86_64-linux";
    builder = "/bin/sh";
    args = [ "-euc" ''cp -r "/corpus-dl/src/$dir" "$out"'' ];
    PATH = "/usr/bin:/bin";
    inherit (lock.tree) dir;
    urls = lock.tree.url;
    outputHash = lock.tree.hash;
    outputHashMode = "recursive";
  } // { meta = { }; corpus = plain "source" // { kind = "source"; inherit (lock.tree) version; }; };

  textual = mk {
    pname = "uses-text";
    version = "1";
    script = ''mkdir -p "$out"; echo "${builtins.toFile "settings.conf" "a = 1\nb = 2\n"}" > "$out/where"'';
    meta = { description = "Refers to a file made by the evaluator"; };
    corpus = plain "uses-text";
  };

  hello-x86 = hello "x86_64-linux" "x86";
  hello-arm = hello "aarch64-linux" "arm";
} // (if lock.small then { } else {
  big = mk {
    pname = "model-weights";
    version = "1.0";
    script = ''python3 ${fill} big "$out" ${toString packages.bigMiB}'';
    meta = { description = "A big file"; platforms = [ "x86_64-linux" ]; };
    corpus = plain "model-weights";
  };
  many = mk {
    pname = "icon-theme";
    version = "2.3";
    script = ''python3 ${fill} many "$out" ${toString packages.manyFiles}'';
    meta = { description = "Very many small files"; };
    corpus = plain "icon-theme";
  };
})
