# Content-addressed by their output (experimental feature ca-derivations); the second depends on the first.
let
  mk = name: script: derivation {
    inherit name;
    system = "x86_64-linux";
    builder = "/bin/sh";
    args = [ "-euc" script ];
    PATH = "/usr/bin:/bin";
    __contentAddressed = true;
    outputHashMode = "recursive";
    outputHashAlgo = "sha256";
  };
in
rec {
  one = mk "floating-one-1.0" ''mkdir -p "$out"; echo one > "$out/one"'';
  two = mk "floating-two-1.0" ''mkdir -p "$out"; ln -s ${one}/one "$out/two"'';
}
