package dev.narthex.archive;

import dev.narthex.nix.SurrogateEscapedText;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reverts nixpkgs' patchShebangs (NixOS/nixpkgs pkgs/build-support/setup-hooks/patch-shebangs.sh): replaces a shebang line that
 * names an interpreter in the store by one that uses {@code env}.
 *
 * @param line new first line, without its line terminator
 * @param replaced length of the old first line in bytes, without its line terminator
 */
public record ShebangRewriter(String line, int replaced) {
    static final int MAX_LENGTH = 1024;
    private static final Pattern STORE = Pattern.compile(
            "#![ \\t]*/nix/store/[0-9a-df-np-sv-z]{32}-[0-9A-Za-z+._?=-]+/bin/([A-Za-z0-9._+-]+)(?:[ \\t]+(.*))?");

    /**
     * Finds a shebang to revert; empty if the file needs no change.
     *
     * @param in the file from its beginning; at most {@value #MAX_LENGTH} bytes are read
     */
    public static Optional<ShebangRewriter> of(InputStream in) throws IOException {
        var bytes = in.readNBytes(MAX_LENGTH);
        int end = 0;
        while (end < bytes.length && bytes[end] != '\n' && bytes[end] != '\r') {
            end++;
        }
        var m = STORE.matcher(SurrogateEscapedText.decode(Arrays.copyOf(bytes, end)));
        if (end == MAX_LENGTH || !m.matches()) {
            return Optional.empty();
        }
        return Optional.of(new ShebangRewriter(
                portable(m.group(1), m.group(2) == null ? "" : m.group(2).strip()), end));
    }

    /** The kernel passes everything after the interpreter as one argument; env splits it with -S. */
    private static String portable(String interpreter, String arguments) {
        if (interpreter.equals("sh")) {
            return arguments.isEmpty() ? "#!/bin/sh" : "#!/bin/sh " + arguments;
        }
        return arguments.isEmpty()
                ? "#!/usr/bin/env " + interpreter
                : "#!/usr/bin/env -S " + interpreter + " " + arguments;
    }

    public long size(long before) {
        return before - replaced + bytes().length;
    }

    /** @param in the file from its beginning */
    public InputStream apply(InputStream in) throws IOException {
        in.skipNBytes(replaced);
        return new SequenceInputStream(new ByteArrayInputStream(bytes()), in);
    }

    private byte[] bytes() {
        return SurrogateEscapedText.encode(line);
    }
}
