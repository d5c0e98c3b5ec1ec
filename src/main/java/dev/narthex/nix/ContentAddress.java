package dev.narthex.nix;

import dev.narthex.problem.Problem;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * The {@code CA} field of a narinfo. The path is derived from the content, so clients accept it without a signature. Written as
 * {@code text:sha256:…}, {@code fixed:<algorithm>:…} or {@code fixed:r:<algorithm>:…} (NixOS/nix
 * src/libstore/content-address.cc and store-dir-config.cc).
 */
public sealed interface ContentAddress {
    /** A text such as a derivation. The hash is that of the text, not of its NAR. */
    record Text(NixHash hash) implements ContentAddress {
        public Text {
            if (hash.algorithm() != HashAlgorithm.SHA256) {
                throw Problem.malformed("content address", "text:" + hash, "a text is addressed by sha256.");
            }
        }

        @Override
        public String toString() {
            return "text:" + hash;
        }
    }

    /**
     * The output of a fixed-output derivation, or an imported file or tree.
     *
     * @param recursive whether the hash is that of the NAR; otherwise it is that of the single file
     */
    record Fixed(boolean recursive, NixHash hash) implements ContentAddress {
        /** Whether the path is of the "source" type, the only type of fixed content that can have references. */
        boolean isSource() {
            return recursive && hash.algorithm() == HashAlgorithm.SHA256;
        }

        private StorePath outputPath(String name) {
            var method = recursive ? "r:" : "";
            var inner = "fixed:out:" + method + hash.algorithm().id() + ":" + hash.hex() + ":";
            return makeStorePath("output:out", NixHash.sha256(inner.getBytes(StandardCharsets.UTF_8)), name);
        }

        @Override
        public String toString() {
            return (recursive ? "fixed:r:" : "fixed:") + hash;
        }
    }

    NixHash hash();

    /** Whether the path is a single file that is addressed by the hash of that file. */
    default boolean isFlat() {
        return this instanceof Fixed fixed && !fixed.recursive();
    }

    static ContentAddress parse(String text) {
        if (text.startsWith("text:")) {
            return new Text(NixHash.parse(text.substring("text:".length())));
        }
        if (text.startsWith("fixed:r:")) {
            return new Fixed(true, NixHash.parse(text.substring("fixed:r:".length())));
        }
        if (text.startsWith("fixed:")) {
            return new Fixed(false, NixHash.parse(text.substring("fixed:".length())));
        }
        throw Problem.malformed("content address", text, "expected text:, fixed: or fixed:r: and a hash.");
    }

    /** Returns the store path of this content if it has no references. */
    default StorePath storePath(String name) {
        return storePath(name, List.of(), false);
    }

    /**
     * Returns the store path of this content.
     *
     * @param references base names of the other paths that it refers to, in any order
     * @param selfReference whether it refers to itself; the hash must then be computed with its own hash part zeroed
     * @throws dev.narthex.problem.ProblemException {@code Malformed} if content of this type cannot have such references
     */
    default StorePath storePath(String name, Collection<String> references, boolean selfReference) {
        boolean hasReferences = selfReference || !references.isEmpty();
        return switch (this) {
            case Text text
            when !selfReference -> makeStorePath(typeWithReferences("text", references, false), text.hash, name);
            case Fixed fixed
            when fixed.isSource() ->
                makeStorePath(typeWithReferences("source", references, selfReference), fixed.hash, name);
            case Fixed fixed when !hasReferences -> fixed.outputPath(name);
            case Text _, Fixed _ ->
                throw Problem.malformed("content address", toString(), "such content cannot have these references.");
        };
    }

    /**
     * Whether this content address with these references results in the given path.
     *
     * @param references base names, including its own if it refers to itself
     */
    default boolean matches(StorePath path, Collection<String> references) {
        var otherReferences = new TreeSet<>(references);
        boolean selfReference = otherReferences.remove(path.baseName());
        boolean isAllowed = switch (this) {
            case Text _ -> !selfReference;
            case Fixed fixed -> fixed.isSource() || references.isEmpty();
        };
        return isAllowed
                && storePath(path.name(), otherReferences, selfReference).equals(path);
    }

    private static String typeWithReferences(String kind, Collection<String> references, boolean selfReference) {
        var type = new StringBuilder(kind);
        for (var reference : new TreeSet<>(references)) {
            type.append(':').append(StorePath.parseBaseName(reference));
        }
        return selfReference ? type.append(":self").toString() : type.toString();
    }

    /** Derives the hash part: the SHA-256 of a description, folded to 160 bits. */
    private static StorePath makeStorePath(String type, NixHash inner, String name) {
        var description = type + ":sha256:" + inner.hex() + ":" + StorePath.STORE_DIR + ":" + name;
        var hash = NixHash.sha256(description.getBytes(StandardCharsets.UTF_8)).bytes();
        var folded = new byte[20];
        for (int i = 0; i < hash.length; i++) {
            folded[i % folded.length] ^= hash[i];
        }
        return new StorePath(Nix32.encode(folded), name);
    }
}
