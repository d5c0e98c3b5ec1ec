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
 * What a cache says of one path (NixOS/nix src/libstore/nar-info.cc).
 *
 * @param url of the NAR, relative to the cache or absolute
 * @param compression Nix's word, {@code none} or {@code zstd} for example
 * @param fileHash of the compressed file; clients never check it
 * @param fileSize of the compressed file in bytes
 * @param narHash SHA-256 of the archive
 * @param narSize of the archive in bytes, not 0
 * @param references base names, sorted, each once; its own among them if it refers to itself
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
    /** Longest text that is read, in characters. */
    public static final int TEXT_LIMIT = 1024 * 1024;

    /** Most references that a path may have. */
    public static final int REFERENCES_LIMIT = 10_000;

    private static final int URL_LIMIT = 4096;

    public NarInfo {
        if (url.isBlank() || url.length() > URL_LIMIT || url.chars().anyMatch(Character::isISOControl)) {
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
        if (references.size() > REFERENCES_LIMIT) {
            throw new Problem.TooLarge("References", "A path has at most " + REFERENCES_LIMIT + " references.")
                    .asException();
        }
        references.forEach(StorePath::parseBase);
        references = List.copyOf(new TreeSet<>(references));
        deriver.ifPresent(StorePath::parseBase);
        sigs = List.copyOf(sigs);
    }

    /**
     * Reads a narinfo, stricter than Nix where Nix would misread: every line ends in LF and not in CRLF, no key that counts
     * occurs twice, signatures are well formed. Unknown keys are ignored. Without {@code Compression} it is bzip2, as Nix has
     * it.
     */
    public static NarInfo parse(String text) {
        return NarInfoText.parse(text);
    }

    /** In the order of Nix, one LF after each line. */
    public String text() {
        return NarInfoText.print(this);
    }

    /** What signatures sign. */
    public String fingerprint() {
        return fingerprint(path, narHash, narSize, references);
    }

    /** @param references base names in any order, its own among them if it refers to itself */
    public static String fingerprint(StorePath path, NixHash narHash, long narSize, Collection<String> references) {
        var full = new TreeSet<>(references)
                .stream().map(base -> StorePath.STORE_DIR + "/" + base).collect(Collectors.joining(","));
        return "1;" + path + ";" + narHash + ";" + narSize + ";" + full;
    }

    /** The same with these signatures instead. */
    public NarInfo withSigs(List<Signature> sigs) {
        return new NarInfo(path, url, compression, fileHash, fileSize, narHash, narSize, references, deriver, sigs, ca);
    }

    /** The same with the NAR elsewhere, uncompressed. */
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
        return new Problem.Malformed(key, given, hint).asException();
    }
}
