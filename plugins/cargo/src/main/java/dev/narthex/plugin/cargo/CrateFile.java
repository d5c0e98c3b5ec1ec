package dev.narthex.plugin.cargo;

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
 * The relevant content of a {@code .crate}, read in one pass. cargo unpacks it into one directory, named after crate and version,
 * and rejects entries outside of it. Links and duplicate paths are rejected here too.
 *
 * @param folder the top directory
 * @param manifest its Cargo.toml, as written by {@code cargo package}
 */
record CrateFile(String folder, String manifest, Optional<Facts.Readme> readme) {
    private static final int MANIFEST_BYTES = 1 << 20;
    private static final int BUFFER = 64 * 1024;

    /** @return empty if it contains no Cargo.toml */
    static Optional<CrateFile> read(CountingSourceStream stored) throws IOException {
        var unpacked = ArchiveLimits.unpacked(new GZIPInputStream(stored, BUFFER), stored);
        var reading = new Reading();
        var tar = new TarReader(unpacked);
        for (var entry = tar.next(); entry.isPresent(); entry = tar.next()) {
            reading.entry(entry.get(), tar);
        }
        // verifies the checksum at the end of the gzip
        unpacked.transferTo(OutputStream.nullOutputStream());
        return Optional.ofNullable(reading.manifest)
                .map(text -> new CrateFile(reading.folder, text, Optional.ofNullable(reading.readme)));
    }

    private static final class Reading {
        private final ArchiveLimits bounds = new ArchiveLimits();
        private String folder = "";
        private @Nullable String manifest;
        private Facts.@Nullable Readme readme;
        private int readmeRank = Integer.MAX_VALUE;

        void entry(TarReader.Entry entry, TarReader tar) throws IOException {
            if (entry.kind() == TarReader.Kind.OTHER) {
                throw new ArchiveRejectedException("The crate has a link or a device.");
            }
            int slash = entry.path().indexOf('/');
            var top = entry.path().substring(0, Math.max(slash, 0));
            folder = folder.isEmpty() ? top : folder;
            if (top.isEmpty() || !top.equals(folder)) {
                throw new ArchiveRejectedException("The crate has files beside its folder.");
            }
            bounds.checkEntry(entry.path());
            if (entry.kind() == TarReader.Kind.FILE) {
                file(entry.path().substring(slash + 1), entry.size(), tar);
            }
        }

        private void file(String inside, long size, TarReader tar) throws IOException {
            if (inside.equals("Cargo.toml")) {
                manifest = text(size, tar);
            }
            int rank = UntrustedText.readmeRank(inside).orElse(Integer.MAX_VALUE);
            if (rank < readmeRank) {
                readmeRank = rank;
                readme = UntrustedText.readme(tar.content(), inside);
            }
        }

        private static String text(long size, TarReader tar) throws IOException {
            if (size > MANIFEST_BYTES) {
                throw new ArchiveRejectedException("The crate has a Cargo.toml of more than 1 MiB.");
            }
            try {
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(tar.content().readAllBytes()))
                        .toString();
            } catch (CharacterCodingException e) {
                throw new ArchiveRejectedException("The crate has a Cargo.toml that is not UTF-8.");
            }
        }
    }
}
