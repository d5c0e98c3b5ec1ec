package dev.narthex.nix;

import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The metadata of a store path in a binary cache (NixOS/nix src/libstore/nar-info.cc).
 *
 * @param url URL of the NAR, relative to the cache or absolute
 * @param compression Nix's name, such as {@code none} or {@code zstd}
 * @param fileHash hash of the compressed file; clients never check it
 * @param fileSize size of the compressed file in bytes
 * @param narHash SHA-256 of the archive
 * @param narSize size of the archive in bytes, not 0
 * @param references base names, sorted and distinct; includes its own if it refers to itself
 * @param deriver base name of the derivation
 */
public record NarInfo(
        StorePath path,
        String url,
        String compression,
        Optional<NixHash> fileHash,
        OptionalLong fileSize,
        NixHash narHash,
        long narSize,
        List<String> references,
        Optional<String> deriver,
        List<Signature> sigs,
        Optional<ContentAddress> ca) {
    /** Maximum length of a narinfo in characters. */
    public static final int MAX_TEXT_LENGTH = 1024 * 1024;

    /** Maximum number of references of a path. */
    public static final int MAX_REFERENCES = 10_000;

    private static final int MAX_URL_LENGTH = 4096;

    public NarInfo {
        if (url.isBlank() || url.length() > MAX_URL_LENGTH || url.chars().anyMatch(Character::isISOControl)) {
            throw malformed("URL", url, "expected a relative or absolute URL.");
        }
        if (compression.isBlank() || compression.chars().anyMatch(Character::isISOControl)) {
            throw malformed("Compression", compression, "expected a word.");
        }
        if (narHash.algorithm() != HashAlgorithm.SHA256) {
            throw malformed("NarHash", narHash.toString(), "expected sha256.");
        }
        if (narSize <= 0) {
            throw malformed("NarSize", Long.toString(narSize), "expected a size above 0.");
        }
        if (references.size() > MAX_REFERENCES) {
            throw Problem.tooLarge("References", "A path has at most " + MAX_REFERENCES + " references.");
        }
        references.forEach(StorePath::parseBaseName);
        references = List.copyOf(new TreeSet<>(references));
        deriver.ifPresent(StorePath::parseBaseName);
        sigs = List.copyOf(sigs);
    }

    /**
     * Parses a narinfo. Stricter than Nix where Nix would misread input: every line must end in LF without CR, known keys must
     * not be repeated, and signatures must be well-formed. Unknown keys are ignored. If {@code Compression} is missing it is
     * bzip2, as in Nix.
     */
    public static NarInfo parse(String text) {
        return NarInfoText.parse(text);
    }

    /** Prints the fields in the order of Nix, with an LF after each line. */
    public String text() {
        return NarInfoText.print(this);
    }

    /** Returns the text that signatures sign. */
    public String fingerprint() {
        return fingerprint(path, narHash, narSize, references);
    }

    /** @param references base names in any order, including its own if it refers to itself */
    public static String fingerprint(StorePath path, NixHash narHash, long narSize, Collection<String> references) {
        var fullPaths = new TreeSet<>(references)
                .stream().map(baseName -> StorePath.STORE_DIR + "/" + baseName).collect(Collectors.joining(","));
        return "1;" + path + ";" + narHash + ";" + narSize + ";" + fullPaths;
    }

    /** Returns a copy with other signatures. */
    public NarInfo withSigs(List<Signature> sigs) {
        return new NarInfo(path, url, compression, fileHash, fileSize, narHash, narSize, references, deriver, sigs, ca);
    }

    /** Returns a copy with another URL and an uncompressed NAR. */
    public NarInfo withNar(String url) {
        return new NarInfo(
                path,
                url,
                "none",
                Optional.empty(),
                OptionalLong.empty(),
                narHash,
                narSize,
                references,
                deriver,
                sigs,
                ca);
    }

    private static ProblemException malformed(String key, String given, String hint) {
        return Problem.malformed(key, given, hint);
    }
}
