# Native programs out of Debian packages, with several outputs and real closures: libraries are found through the RPATH,
# programs start through the corpus's own glibc. In the small corpus they stand alone.
{ lib, lock, packages, deb }:
let
  inherit (builtins) concatStringsSep elem head listToAttrs map;
  byName = listToAttrs (map (p: lib.pair p.pname p) packages.native);
in
rec {
  named = name: package byName.${name};

  package = p:
    let
      e = lock.deb.${head p.debs};
      deps = if lock.small then [ ] else p.deps or [ ];
      outputs = p.outputs or [ "out" ];
      into = output: if elem output outputs then "$" + output else "$" + "out";
    in
    lib.mk {
      inherit (p) pname;
      inherit (e) version;
      inherit outputs;
      env = {
        srcs = map deb p.debs;
        buildInputs = map (name: (named name).out) deps;
        interpreter = if elem "glibc" deps then "${(named "glibc").out}/lib/ld-linux-x86-64.so.2" else "";
      };
      script = ''
        for s in $srcs; do dpkg-deb -x "$s" tree; done
        mkdir -p ${concatStringsSep " " (map (o: ''"${"$" + o}"'') outputs)}
        bin="${into "bin"}" man="${into "man"}" doc="${into "doc"}"
        for l in tree/usr/lib/x86_64-linux-gnu tree/lib/x86_64-linux-gnu; do
          if [ -d "$l" ]; then mkdir -p "$out/lib"; cp -a "$l/." "$out/lib/"; fi
        done
        if [ -d tree/usr/bin ]; then mkdir -p "$bin/bin"; cp -a tree/usr/bin/. "$bin/bin/"; fi
        if [ -d tree/usr/share/man ]; then mkdir -p "$man/share"; cp -a tree/usr/share/man "$man/share/"; fi
        if [ -d tree/usr/share/doc ]; then mkdir -p "$doc/share"; cp -a tree/usr/share/doc "$doc/share/"; fi
        rm -rf "$out/lib/gconv" "$out/lib/audit"

        rpath="$out/lib"
        for input in $buildInputs; do rpath="$rpath:$input/lib"; done
        for f in "$bin"/bin/* "$out"/lib/*.so*; do
          # glibc's own files must stay as they are
          if [ ${p.pname} = glibc ] || [ -L "$f" ] || [ ! -f "$f" ]; then continue; fi
          if patchelf --print-needed "$f" >/dev/null 2>&1; then
            chmod u+w "$f"
            patchelf --set-rpath "$rpath" "$f"
            case "$f" in
              "$bin"/bin/*) [ -z "$interpreter" ] || patchelf --set-interpreter "$interpreter" "$f" 2>/dev/null || true ;;
            esac
          fi
        done
        if [ -n "$buildInputs" ]; then
          mkdir -p "$out/nix-support"
          printf '%s' "$buildInputs" > "$out/nix-support/propagated-build-inputs"
        fi
      '';
      meta = { inherit (e) description homepage; license = lib.license p.license; }
        // (if p ? mainProgram then { inherit (p) mainProgram; } else { });
      corpus = { ecosystem = "none"; package = p.pname; };
    };
}
