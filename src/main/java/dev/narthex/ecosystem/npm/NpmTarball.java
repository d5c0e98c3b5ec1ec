package dev.narthex.ecosystem.npm;

import dev.narthex.archive.ArchiveLimits;
import dev.narthex.archive.ArchiveRejectedException;
import dev.narthex.archive.CountingSourceStream;
import dev.narthex.archive.TarReader;
import dev.narthex.spi.Facts;
import dev.narthex.spi.UntrustedText;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The relevant content of a tarball, read in one pass. npm strips the top directory and drops links. Other tools may not, so a
 * tarball is rejected if it contains links, duplicate paths or paths that lead out of it.
 *
 * @param packageJson unmodified, except for a byte order mark
 * @param unpacked size and number of its files
 */
record NpmTarball(String packageJson, Optional<Facts.Readme> readme, UnpackedStats unpacked) {
    private static final int PACKAGE_JSON_BYTES = 1 << 20;

    /** @return empty if it contains no readable package.json */
    static Optional<NpmTarball> read(CountingSourceStream source) throws IOException {
        var unpacked = ArchiveLimits.unpacked(new GZIPInputStream(source, 64 * 1024), source);
        var reading = new TarballReader();
        var tar = new TarReader(unpacked);
        for (var entry = tar.next(); entry.isPresent(); entry = tar.next()) {
            reading.entry(entry.get(), tar);
        }
        unpacked.transferTo(OutputStream.nullOutputStream());
        return Optional.ofNullable(reading.packageJson)
                .map(text -> new NpmTarball(text, Optional.ofNullable(reading.readme), reading.unpacked));
    }

    private static final class TarballReader {
        private final ArchiveLimits bounds = new ArchiveLimits();
        private @Nullable String packageJson;
        private Facts.@Nullable Readme readme;
        private int readmeRank = Integer.MAX_VALUE;
        private UnpackedStats unpacked = UnpackedStats.NOTHING;

        void entry(TarReader.Entry entry, TarReader tar) throws IOException {
            switch (entry.kind()) {
                case DIRECTORY -> {}
                case OTHER -> throw new ArchiveRejectedException("The tarball has a link or a device.");
                case FILE -> file(entry, tar);
            }
        }

        private void file(TarReader.Entry entry, TarReader tar) throws IOException {
            var path = entry.path().startsWith("./") ? entry.path().substring(2) : entry.path();
            var inside = path.substring(path.indexOf('/') + 1);
            ArchiveLimits.checkInside(path);
            // Check the path after unpacking: two top directories are merged into one.
            bounds.checkEntry(inside);
            unpacked = unpacked.withFile(inside, entry.size());
            if (inside.length() == path.length()) {
                return;
            }
            if (inside.equals("package.json")) {
                readPackageJson(entry, tar);
            }
            int rank = UntrustedText.readmeRank(inside).orElse(Integer.MAX_VALUE);
            if (rank < readmeRank) {
                readmeRank = rank;
                readme = UntrustedText.readme(tar.content(), inside);
            }
        }

        private void readPackageJson(TarReader.Entry entry, TarReader tar) throws IOException {
            if (packageJson != null || entry.size() > PACKAGE_JSON_BYTES) {
                throw new ArchiveRejectedException("The tarball has two package.json, or one of more than 1 MiB.");
            }
            try {
                var text = StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(tar.content().readAllBytes()))
                        .toString();
                packageJson = text.startsWith("\uFEFF") ? text.substring(1) : text;
            } catch (CharacterCodingException e) {
                throw new ArchiveRejectedException("The tarball has a package.json that is not UTF-8.");
            }
        }
    }
}
