package dev.narthex.vault;

import dev.narthex.nix.StorePath;
import java.util.LinkedHashMap;

/**
 * Locked files as a Nix expression that needs nothing beside itself: for each file a fixed-output derivation like that of
 * {@code <nix/fetchurl.nix>} (NixOS/nix src/libexpr/fetchurl.nix). Its output path follows from name and hash alone, so nix
 * substitutes it from wherever it is, and else fetches it by the builder that it has inside.
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
     * An attribute set: {@code files} by their keys, {@code all} of them as a list without repetition, and what is
     * {@code missing} among them, by name and version.
     *
     * @param comment what it is, in one line
     */
    static String of(String comment, LockPlan plan) {
        var located = plan.files();
        var names = new LinkedHashMap<StorePath, String>();
        var text = new StringBuilder("# " + comment.replaceAll("\\p{Cntrl}", " ") + "\n" + FETCH);
        for (var one : located) {
            var path = one.built();
            if (!names.containsKey(path)) {
                var name = "f" + names.size();
                names.put(path, name);
                text.append("  ").append(name).append(" = fetch ").append(quoted(path.name()));
                text.append(' ').append(quoted(one.hash().sri()));
                text.append(' ').append(quoted(one.url())).append(";\n");
            }
        }
        text.append("in\n{\n  files = {\n");
        for (var one : located) {
            text.append("    ").append(quoted(one.key())).append(" = ");
            text.append(names.get(one.built())).append(";\n");
        }
        text.append("  };\n  all = [ ");
        names.values().forEach(name -> text.append(name).append(' '));
        text.append("];\n  missing = [ ");
        for (var lacking : plan.lacking()) {
            var any = lacking.files().getFirst();
            text.append(quoted(any.name() + " " + any.version())).append(' ');
        }
        return text.append("];\n}\n").toString();
    }

    /** A string of Nix that stands for exactly this text, which must be well-formed and hold no NUL. */
    static String quoted(String text) {
        var quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                // a dollar opens an antiquotation before a brace; behind a backslash it never does
                case '"', '\\', '$' -> quoted.append('\\').append(c);
                case '\n' -> quoted.append("\\n");
                // as it is it would be read as a line feed
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                default -> quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
