package dev.narthex.ecosystem.nix;

import dev.narthex.nix.NarListing.Entry;
import dev.narthex.spi.Candidate;
import dev.narthex.spi.DerivationMeta;
import dev.narthex.spi.Facts;
import dev.narthex.spi.UntrustedText;
import java.io.IOException;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Collects the facts about a store path: from its meta if that was uploaded, then its derivation, then its files. */
final class NixFacts {
    private static final int DOC_FOLDERS = 8;

    private final Candidate path;
    private final String name;

    NixFacts(Candidate path, String name) {
        this.path = path;
        this.name = name;
    }

    Facts facts() throws IOException {
        var meta = path.meta();
        var homepages = meta.map(DerivationMeta::homepages).orElse(List.of());
        return new Facts(
                UntrustedText.line(meta.map(DerivationMeta::description)
                        .filter(text -> !text.isBlank())
                        .or(() -> attribute("description"))
                        .orElse("")),
                UntrustedText.line(
                        String.join(", ", meta.map(DerivationMeta::licences).orElse(List.of()))),
                homepages.stream()
                        .map(UntrustedText::address)
                        .filter(a -> !a.isEmpty())
                        .findFirst()
                        .orElse(""),
                "",
                lines(meta.map(DerivationMeta::maintainers).orElse(List.of())),
                aliases(),
                readme(),
                UntrustedText.clean(meta.map(DerivationMeta::json).orElse("")),
                lines(meta.map(DerivationMeta::vulnerabilities).orElse(List.of())));
    }

    /**
     * Returns other names that people search for. The pname in the derivation is more reliable than the one that nix-env parses
     * from the name.
     */
    private List<String> aliases() {
        var names = new LinkedHashSet<String>();
        attribute("pname").ifPresent(names::add);
        path.meta().map(DerivationMeta::pname).ifPresent(names::add);
        path.meta().map(DerivationMeta::attribute).ifPresent(names::add);
        return lines(names.stream().filter(other -> !other.equals(name)).toList());
    }

    private Optional<String> attribute(String attribute) {
        return path.derivation().flatMap(drv -> drv.attribute(attribute)).filter(text -> !text.isBlank());
    }

    private Optional<Facts.Readme> readme() throws IOException {
        var text = path.meta().map(DerivationMeta::longDescription).filter(t -> !t.isBlank());
        if (text.isPresent()) {
            return Optional.of(UntrustedText.readme(text.get(), "text/markdown"));
        }
        var best = readmes()
                .min(Comparator.comparing(
                        file -> UntrustedText.readmeRank(baseName(file)).orElse(Integer.MAX_VALUE)));
        if (best.isEmpty()) {
            return Optional.empty();
        }
        try (var in = path.open(best.get())) {
            return Optional.of(UntrustedText.readme(in, baseName(best.get())));
        }
    }

    /** Finds readmes at the root, in {@code share/doc} and in its subdirectories, unless they are too long to display. */
    private Stream<String> readmes() {
        var folders = folder("share/doc").entrySet().stream()
                .filter(e -> e.getValue() instanceof Entry.Directory)
                .limit(DOC_FOLDERS)
                .map(e -> "share/doc/" + e.getKey());
        return Stream.of(Stream.of(""), Stream.of("share/doc"), folders)
                .flatMap(s -> s)
                .flatMap(at -> folder(at).entrySet().stream()
                        .filter(e ->
                                e.getValue() instanceof Entry.Regular file && file.size() <= UntrustedText.README_BYTES)
                        .filter(e -> UntrustedText.readmeRank(e.getKey()).isPresent())
                        .map(e -> at.isEmpty() ? e.getKey() : at + "/" + e.getKey()));
    }

    private Map<String, Entry> folder(String at) {
        return path.listing()
                .find(at)
                .filter(Entry.Directory.class::isInstance)
                .map(Entry.Directory.class::cast)
                .<Map<String, Entry>>map(Entry.Directory::entries)
                .orElse(Map.of());
    }

    private static String baseName(String file) {
        return file.substring(file.lastIndexOf('/') + 1);
    }

    private static List<String> lines(List<String> texts) {
        return texts.stream()
                .map(UntrustedText::line)
                .filter(text -> !text.isEmpty())
                .distinct()
                .limit(100)
                .toList();
    }
}
