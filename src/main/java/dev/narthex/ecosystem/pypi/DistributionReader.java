package dev.narthex.ecosystem.pypi;

import dev.narthex.archive.ArchiveRejectedException;
import dev.narthex.archive.CountingSourceStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;

/** Reads and validates a whole wheel or source distribution. */
record DistributionReader(DistributionName name, FileOpener file) {
    private static final String SHA256 = "SHA-256";

    /** A stored file; each call opens it at the beginning. */
    @FunctionalInterface
    interface FileOpener {
        InputStream open() throws IOException;
    }

    /**
     * @param inside names for search, see {@link ProvidedNames}; empty for a source distribution, which would have to be built
     * first
     */
    record DistributionContents(CoreMetadata metadata, Set<String> topLevelNames) {}

    /**
     * Reads the metadata, which must match the file name.
     *
     * @return empty if the file is not a distribution, for example another kind of tarball
     * @throws Refused if it is an invalid or dangerous distribution; the message contains the reason
     */
    Optional<DistributionContents> read() throws IOException {
        var contents = name.wheel()
                ? Optional.of(wheel())
                : readOnce(Sdist::read).map(metadata -> new DistributionContents(metadata, Set.of()));
        if (contents.isPresent()) {
            checkMetadata(contents.get().metadata);
        }
        return contents;
    }

    private void checkMetadata(CoreMetadata metadata) throws ArchiveRejectedException {
        boolean one =
                metadata.all("name").size() == 1 && metadata.all("version").size() == 1;
        if (!one || !ProjectName.valid(metadata.name())) {
            throw new ArchiveRejectedException("Its metadata has not one name and version, as projects have them.");
        }
        if (!name.matches(metadata)) {
            throw new ArchiveRejectedException("Its metadata is of " + WheelRecord.shorten(metadata.name()) + " "
                    + WheelRecord.shorten(metadata.version()) + ".");
        }
        if (ProjectName.misleading(metadata.name())) {
            throw new ArchiveRejectedException(
                    "A project of this name would be installed by mistake if pip's option -r is forgotten.");
        }
    }

    private DistributionContents wheel() throws IOException {
        var wheel = readOnce(in -> WheelFiles.read(in, SHA256));
        if (wheel.infos().size() != 1) {
            throw new ArchiveRejectedException(
                    "It has " + (wheel.infos().isEmpty() ? "no" : "more than one") + " dist-info folder.");
        }
        var info = wheel.infos().iterator().next();
        if (!isOwnDistInfo(info)) {
            throw new ArchiveRejectedException("Its dist-info folder is that of another project or version.");
        }
        checkVersion(text(wheel, "WHEEL"));
        var record = new WheelRecord(info + "/", RecordLine.parse(text(wheel, "RECORD")));
        record.confirm(SHA256, wheel.files());
        for (var algorithm : record.algorithms()) {
            if (!algorithm.equals(SHA256)) {
                record.confirm(
                        algorithm,
                        readOnce(in -> WheelFiles.read(in, algorithm)).files());
            }
        }
        return new DistributionContents(
                CoreMetadata.parse(text(wheel, "METADATA")),
                ProvidedNames.of(wheel.files().keySet(), commands(wheel)));
    }

    private static Set<String> commands(WheelFiles wheel) {
        return Optional.ofNullable(wheel.read().get(WheelFiles.ENTRY_POINTS))
                .flatMap(DistributionReader::decode)
                .map(EntryPoints::commands)
                .orElse(Set.of());
    }

    /** The dist-info directory must be {@code {name}-{version}.dist-info}: pip fails on that of another project. */
    private boolean isOwnDistInfo(String info) {
        var stem = info.substring(0, info.length() - ".dist-info".length());
        int dash = stem.lastIndexOf('-');
        return dash > 0 && name.matches(stem.substring(0, dash), stem.substring(dash + 1));
    }

    private static void checkVersion(String wheel) throws ArchiveRejectedException {
        if (!CoreMetadata.parse(wheel).first("wheel-version").matches("1\\.[0-9]{1,9}")) {
            throw new ArchiveRejectedException("It is of a version of the wheel format that installers do not know.");
        }
    }

    private static String text(WheelFiles wheel, String file) throws ArchiveRejectedException {
        var bytes = wheel.read().get(file);
        if (bytes == null) {
            throw new ArchiveRejectedException("It has no " + file + ".");
        }
        return decode(bytes).orElseThrow(() -> new ArchiveRejectedException("Its " + file + " is not text in UTF-8."));
    }

    private interface FileReader<T> {
        T read(CountingSourceStream in) throws IOException;
    }

    /** Refuses what cannot be unpacked; a failing read of the store propagates. */
    private <T> T readOnce(FileReader<T> pass) throws IOException {
        try (var source = new CountingSourceStream(file.open())) {
            try {
                return pass.read(source);
            } catch (ArchiveRejectedException e) {
                throw e;
            } catch (IOException e) {
                if (source.failed()) {
                    throw e;
                }
                throw new ArchiveRejectedException("It cannot be unpacked.");
            }
        }
    }

    /**
     * Decodes text of at most 1 MiB. Stored text must yield the same bytes again, so only UTF-8 without zero characters is
     * accepted.
     */
    static Optional<String> text(byte[] bytes) {
        return bytes.length > CoreMetadata.BYTES ? Optional.empty() : decode(bytes);
    }

    /** Like {@link #text(byte[])}, for a file of any length. */
    static Optional<String> decode(byte[] bytes) {
        try {
            var text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return Optional.of(text).filter(t -> t.indexOf('\0') < 0);
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
