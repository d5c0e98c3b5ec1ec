package dev.narthex.ecosystem.pypi;

import dev.narthex.ecosystem.Tree;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NarListing.Entry;
import dev.narthex.spi.Candidate;
import dev.narthex.spi.Meta;
import dev.narthex.spi.NotOffered;
import dev.narthex.spi.Transcoded;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A project as an installer left it (packaging.python.org, "Recording installed projects").
 *
 * @param site its site-packages
 * @param stem of its dist-info folder: name and version
 * @param alone whether all of site-packages is its own; else what its RECORD lists
 */
record Installed(Candidate path, String site, String stem, boolean alone) {
    private static final int RECORD_BYTES = 16 << 20;

    /** What an installer adds; a wheel does not have it. RECORD is made anew. */
    private static final Set<String> INSTALLERS_OWN =
            Set.of("RECORD", "RECORD.jws", "RECORD.p7s", "INSTALLER", "REQUESTED", "direct_url.json");

    /** Empty if the folder is that of no project. */
    Optional<Metadata> metadata() throws IOException {
        var text = read("METADATA", Metadata.BYTES).flatMap(Distribution::text);
        int dash = stem.lastIndexOf('-');
        return text.map(Metadata::parse)
                .filter(m -> dash > 0
                        && ProjectName.valid(m.name())
                        && new DistributionName(stem, true, stem.substring(0, dash), stem.substring(dash + 1))
                                .agrees(m));
    }

    Transcoded.Offer offer(Metadata metadata) throws IOException {
        var wheel = read("WHEEL", Metadata.BYTES)
                .flatMap(Distribution::text)
                .map(Metadata::parse)
                .orElseThrow(
                        () -> new NotOffered("it was not installed from a wheel: its dist-info has no WHEEL file"));
        int dash = stem.lastIndexOf('-');
        var filename =
                WheelTags.of(wheel).filename(stem.substring(0, dash).replace('-', '_'), stem.substring(dash + 1));
        if (DistributionName.parse(filename)
                .filter(name -> name.agrees(metadata))
                .isEmpty()) {
            throw new NotOffered("its dist-info does not make a file name that installers read");
        }
        var entries = entries();
        var files = entries.stream().map(WheelTree.Entry::path).toList();
        return new Transcoded.Offer(
                metadata.name(),
                metadata.version(),
                metadata.facts(path.meta().map(Meta::vulnerabilities).orElse(List.of()))
                        .withInside(Inside.of(files, commands())),
                metadata.dependencies(),
                filename,
                HashAlgorithm.SHA256,
                new WheelTree(stem, entries));
    }

    private List<WheelTree.Entry> entries() throws IOException {
        var record = read("RECORD", RECORD_BYTES).flatMap(InstalledRecord::parse);
        if (record.isEmpty() && !alone) {
            throw new NotOffered("its RECORD cannot be read, and other projects lie beside it");
        }
        var listed = record.orElse(new InstalledRecord(List.of()));
        var entries = new ArrayList<WheelTree.Entry>();
        for (var file : Tree.files(path, site, belonging(listed))) {
            entries.add(new WheelTree.Entry(file.path(), file::carry));
        }
        entries.addAll(new OutsideSite(path, site, stem, commands()).entries(listed.outside(site)));
        return entries;
    }

    private Predicate<String> belonging(InstalledRecord listed) {
        if (alone) {
            return this::belongs;
        }
        var info = stem + ".dist-info";
        return listed.within(site)
                .or(file -> file.equals(info) || file.startsWith(info + "/"))
                .and(this::belongs);
    }

    private boolean belongs(String file) {
        var name = file.substring(file.lastIndexOf('/') + 1);
        boolean compiled = name.equals("__pycache__") || name.endsWith(".pyc");
        var info = stem + ".dist-info/";
        return !compiled && !(file.startsWith(info) && INSTALLERS_OWN.contains(file.substring(info.length())));
    }

    /** Names of scripts that an installer makes anew. */
    private Set<String> commands() throws IOException {
        return read("entry_points.txt", Metadata.BYTES)
                .flatMap(Distribution::text)
                .map(EntryPoints::commands)
                .orElse(Set.of());
    }

    /** A file of dist-info, if it is there and has at most so many bytes. */
    private Optional<byte[]> read(String name, int limit) throws IOException {
        var file = site + "/" + stem + ".dist-info/" + name;
        if (!(path.listing().find(file).orElse(null) instanceof Entry.Regular regular) || regular.size() > limit) {
            return Optional.empty();
        }
        try (var in = path.open(file)) {
            return Optional.of(in.readNBytes(limit));
        }
    }
}
