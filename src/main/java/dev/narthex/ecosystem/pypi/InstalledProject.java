package dev.narthex.ecosystem.pypi;

import dev.narthex.archive.PortableTree;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.spi.Candidate;
import dev.narthex.spi.DerivationMeta;
import dev.narthex.spi.NotOfferedException;
import dev.narthex.spi.TranscodeResult;
import dev.narthex.spi.UntrustedText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A project as an installer left it (packaging.python.org, "Recording installed projects"), from which a wheel can be built.
 *
 * @param site path of site-packages
 * @param stem stem of its dist-info directory: name and version
 * @param alone true if all of site-packages belongs to it; otherwise only the files in its RECORD do
 */
record InstalledProject(Candidate path, String site, String stem, boolean single) {
    private static final int RECORD_BYTES = 16 << 20;

    /** Files that an installer adds and a wheel does not contain. RECORD is generated again. */
    private static final Set<String> INSTALLERS_OWN =
            Set.of("RECORD", "RECORD.jws", "RECORD.p7s", "INSTALLER", "REQUESTED", "direct_url.json");

    /**
     * Describes the wheel, or the reason for its absence.
     *
     * @throws NotOffered if not even its name can be read
     */
    TranscodeResult transcode() throws IOException {
        var metadata = metadata();
        try {
            return offer(metadata);
        } catch (NotOfferedException e) {
            return new TranscodeResult.RefusedPackage(metadata.name(), metadata.version(), e.reason());
        }
    }

    private TranscodeResult.OfferedFile offer(CoreMetadata metadata) throws IOException {
        var wheel = fields("WHEEL")
                .orElseThrow(() ->
                        new NotOfferedException("it was not installed from a wheel: its dist-info has no WHEEL file"));
        if (!wheel.first("wheel-version").matches("1\\.[0-9]{1,9}")) {
            throw new NotOfferedException("its WHEEL file is of a version that installers do not know");
        }
        int dash = stem.lastIndexOf('-');
        var filename =
                WheelTags.of(wheel).filename(stem.substring(0, dash).replace('-', '_'), stem.substring(dash + 1));
        if (DistributionName.parse(filename)
                .filter(name -> name.matches(metadata))
                .isEmpty()) {
            throw new NotOfferedException("its dist-info has no file name that installers accept");
        }
        var entries = entries();
        var files = entries.stream().map(WheelBuilder.Entry::path).toList();
        return new TranscodeResult.OfferedFile(
                metadata.name(),
                metadata.version(),
                metadata.facts(path.meta().map(DerivationMeta::vulnerabilities).orElse(List.of()))
                        .withInside(ProvidedNames.of(files, commands())),
                metadata.dependencies(),
                filename,
                HashAlgorithm.SHA256,
                new WheelBuilder(stem, entries));
    }

    /** Reads the metadata, with the same checks as for recognition of the resulting wheel. */
    private CoreMetadata metadata() throws IOException {
        var metadata = fields("METADATA")
                .orElseThrow(() -> new NotOfferedException("its dist-info has no METADATA text of at most 1 MiB"));
        boolean one =
                metadata.all("name").size() == 1 && metadata.all("version").size() == 1;
        if (!one || !ProjectName.valid(metadata.name()) || ProjectName.misleading(metadata.name())) {
            throw new NotOfferedException("its METADATA has not one name and version, as projects have them");
        }
        int dash = stem.lastIndexOf('-');
        if (dash < 0
                || !new DistributionName(stem, true, stem.substring(0, dash), stem.substring(dash + 1))
                        .matches(metadata)) {
            throw new NotOfferedException("its METADATA is that of another project or version");
        }
        return metadata;
    }

    private Optional<CoreMetadata> fields(String name) throws IOException {
        return read(name, CoreMetadata.BYTES).flatMap(DistributionReader::text).map(CoreMetadata::parse);
    }

    private List<WheelBuilder.Entry> entries() throws IOException {
        var record = read("RECORD", RECORD_BYTES).flatMap(InstalledRecord::parse);
        if (record.isEmpty() && !single) {
            throw new NotOfferedException("its RECORD cannot be read, and other projects lie beside it");
        }
        var installedRecord = record.orElse(new InstalledRecord(List.of()));
        var entries = new ArrayList<WheelBuilder.Entry>();
        for (var file : PortableTree.files(path, site, ownFileFilter(installedRecord))) {
            checkTop(file.path());
            entries.add(new WheelBuilder.Entry(file.path(), file::toPortableFile));
        }
        entries.addAll(new DataDirectory(path, site, stem, commands()).entries(installedRecord.filesOutside(site)));
        return entries;
    }

    private Predicate<String> ownFileFilter(InstalledRecord installedRecord) {
        if (single) {
            return this::ownsFile;
        }
        var info = stem + ".dist-info";
        return installedRecord
                .filesWithin(site)
                .or(file -> file.equals(info) || file.startsWith(info + "/"))
                .and(this::ownsFile);
    }

    /** Installers interpret such a directory as the wheel's own .data (pypa/pip src/pip/_internal/operations/install/wheel.py). */
    private static void checkTop(String file) throws NotOfferedException {
        var top = file.replaceFirst("/.*", "");
        if (top.endsWith(".data")) {
            throw new NotOfferedException(
                    UntrustedText.line(top) + " has another meaning in a wheel than in site-packages");
        }
    }

    /** Excludes dist-info directories of other projects, even if RECORD lists them. */
    private boolean ownsFile(String file) {
        var name = file.substring(file.lastIndexOf('/') + 1);
        boolean compiled = name.equals("__pycache__") || name.endsWith(".pyc");
        var info = stem + ".dist-info/";
        boolean others = file.replaceFirst("/.*", "").endsWith(".dist-info") && !(file + "/").startsWith(info);
        return !compiled
                && !others
                && !(file.startsWith(info) && INSTALLERS_OWN.contains(file.substring(info.length())));
    }

    /** Returns the names of the scripts that an installer creates again. */
    private Set<String> commands() throws IOException {
        var commands = read("entry_points.txt", CoreMetadata.BYTES)
                .flatMap(DistributionReader::text)
                .map(EntryPoints::commands)
                .orElse(Set.of());
        for (var command : commands) {
            if (command.matches(".*[/\\\\\\p{Cntrl}].*|\\.{0,2}")) {
                throw new NotOfferedException(
                        "entry_points.txt has a command that no file can be named by: " + UntrustedText.line(command));
            }
        }
        return commands;
    }

    /** Reads a file of dist-info; empty if it is missing or longer than the limit. */
    private Optional<byte[]> read(String name, int limit) throws IOException {
        var file = PortableTree.file(path, name, site + "/" + stem + ".dist-info/" + name)
                .filter(f -> f.entry().size() <= limit);
        if (file.isEmpty()) {
            return Optional.empty();
        }
        try (var in = file.get().open()) {
            return Optional.of(in.readNBytes(limit));
        }
    }
}
