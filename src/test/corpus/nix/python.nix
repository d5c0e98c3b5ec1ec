# Python projects out of Debian packages, as buildPythonPackage leaves them: "out" with site-packages, "dist" with the wheel.
{ lib, lock, packages, deb }:
let
  inherit (builtins) listToAttrs map;
  python = "python3.13";
  byName = listToAttrs (map (p: lib.pair p.pname p) packages.python);
in
rec {
  package = p:
    let e = lock.deb.${p.deb}; in
    lib.mk {
      inherit (p) pname;
      inherit (e) version;
      name = "${python}-${p.pname}-${e.version}";
      outputs = [ "out" "dist" ];
      env = {
        src = deb p.deb;
        propagatedBuildInputs = map (name: package byName.${name}) (p.deps or [ ]);
        mkwheel = ../builders/mkwheel.py;
        format = "wheel";
      };
      script = ''
        dpkg-deb -x "$src" tree
        site="$out/lib/${python}/site-packages"
        mkdir -p "$site" "$dist"
        if [ -d tree/usr/share/python-wheels ]; then
          cp tree/usr/share/python-wheels/*.whl "$dist/"
        else
          python3 "$mkwheel" tree/usr/lib/python3/dist-packages "$dist" ${if p.sdist or false then "sdist" else ""}
        fi
        for w in "$dist"/*.whl; do python3 -m zipfile -e "$w" "$site"; done
        if [ -n "$propagatedBuildInputs" ]; then
          mkdir -p "$out/nix-support"
          printf '%s' "$propagatedBuildInputs" > "$out/nix-support/propagated-build-inputs"
        fi
        if [ -d tree/usr/bin ]; then mkdir -p "$out/bin"; cp tree/usr/bin/* "$out/bin/"; fi
      '';
      meta = { inherit (e) description homepage; license = lib.license p.license; };
      corpus = { ecosystem = "pypi"; package = p.pname; };
    };
}
