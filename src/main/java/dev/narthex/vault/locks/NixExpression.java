package dev.narthex.vault.locks;

import dev.narthex.nix.StorePath;
import java.util.LinkedHashMap;

/**
 * Writes locked files as a self-contained Nix expression: a fixed-output derivation for each file, like that of
 * {@code <nix/fetchurl.nix>} (NixOS/nix src/libexpr/fetchurl.nix). The output path follows from name and hash alone, so nix
 * substitutes it from any cache that has it, and otherwise downloads it with its built-in fetcher.
 */
final class NixExpression {
    private static final String FETCH = """
            let
              fetch = name: outputHash: url: derivation {
                inherit name outputHash url;
                urls = [ url ];
                builder = "builtin:fetchurl";
                system = "builtin";
                outputHashMode = "flat";
                executable = false;
                unpack = false;
                preferLocalBuild = true;
                impureEnvVars = [ "http_proxy" "https_proxy" "ftp_proxy" "all_proxy" "no_proxy" ];
              };
            """;

    private NixExpression() {}

    /**
     * Returns an attribute set: {@code files} by their keys, {@code all} as a list without repetition, and {@code missing} as a
     * list of names and versions.
     *
     * @param comment description, in one line
     */
    static String of(String comment, LockfilePlan plan) {
        var located = plan.files();
        var names = new LinkedHashMap<StorePath, String>();
        var text = new StringBuilder("# " + comment.replaceAll("\\p{Cntrl}", " ") + "\n" + FETCH);
        for (var lockedPath : located) {
            var path = lockedPath.pathToBuild();
            if (!names.containsKey(path)) {
                var name = "f" + names.size();
                names.put(path, name);
                text.append("  ").append(name).append(" = fetch ").append(quote(path.name()));
                text.append(' ').append(quote(lockedPath.hash().sri()));
                text.append(' ').append(quote(lockedPath.url())).append(";\n");
            }
        }
        text.append("in\n{\n  files = {\n");
        for (var lockedPath : located) {
            text.append("    ").append(quote(lockedPath.key())).append(" = ");
            text.append(names.get(lockedPath.pathToBuild())).append(";\n");
        }
        text.append("  };\n  all = [ ");
        names.values().forEach(name -> text.append(name).append(' '));
        text.append("];\n  missing = [ ");
        for (var missing : plan.missingDependencies()) {
            var file = missing.files().getFirst();
            text.append(quote(file.name() + " " + file.version())).append(' ');
        }
        return text.append("];\n}\n").toString();
    }

    /** Returns a Nix string literal for exactly this text, which must be well-formed and contain no NUL. */
    static String quote(String text) {
        var quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                // An escaped dollar never starts an antiquotation.
                case '"', '\\', '$' -> quoted.append('\\').append(c);
                case '\n' -> quoted.append("\\n");
                // Unescaped, it would be read as a line feed.
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                default -> quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
