package dev.narthex.store.upkeep;

import dev.narthex.http.Content;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NarLimits;
import dev.narthex.nix.NarListing;
import dev.narthex.nix.NarReader;
import dev.narthex.nix.NarVisitor;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.ProblemException;
import dev.narthex.store.NarRows;
import dev.narthex.store.NarStore;
import dev.narthex.store.PackAssembler;
import dev.narthex.store.pack.Backend;
import dev.narthex.store.pack.ChunkLengths;
import dev.narthex.store.pack.DamagedException;
import dev.narthex.store.pack.NarContent;
import dev.narthex.store.pack.PackContent;
import dev.narthex.store.pack.PackFooter;
import dev.narthex.store.pack.PackKey;
import dev.narthex.store.pack.Recipe;
import dev.narthex.store.pack.RecipeContent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Reads a whole NAR from its packs, guided by their footers, and rebuilds the database rows that its upload would have created.
 * Used by recovery.
 */
public final class PackReader {
    private static final int LISTING_COMPRESSION_LEVEL = 3;

    private final PackLocator locator;
    private final byte[] buffer = new byte[1 << 16];

    public PackReader(PackLocator locator) {
        this.locator = locator;
    }

    /** Where a pack is stored. */
    public record PackLocation(PackKey key, Backend backend) {}

    /** Locates packs. */
    @FunctionalInterface
    public interface PackLocator {
        /** @throws DamagedException if the pack is in no backend */
        PackLocation locate(String domain, UUID id) throws IOException;
    }

    /** A pack and the data for its row. */
    record PackRow(PackLocation location, long bytes, long rawBytes, int chunks, int crc32c) {}

    /**
     * A NAR that was read, or only the footer of a pack that describes none.
     *
     * @param parts the packs of the NAR; empty if the footer describes no NAR
     * @param wholePack whether the NAR is one whole pack, served including its footer
     * @param fileHash SHA-256 of the last pack; it is the hash of the served bytes if {@code wholePack}
     */
    public record RecoveredNar(
            List<PackRow> parts,
            PackFooter footer,
            byte[] listing,
            byte[] chunkLengths,
            boolean wholePack,
            byte[] fileHash) {

        NarRows.NarDescription description(long domainId) {
            return new NarRows.NarDescription(
                    domainId, NixHash.of(HashAlgorithm.SHA256, footer.narHash()), footer.narSize(), listing);
        }

        /** @param ids ids of the parts, in their order */
        PackAssembler.AssembledNar toAssembledNar(List<Long> ids) {
            var recipe = new Recipe<>(ids, footer.recipe().runs());
            return new PackAssembler.AssembledNar(
                    wholePack ? 1 : 2,
                    Optional.empty(),
                    List.of(),
                    List.of(),
                    recipe,
                    chunkLengths,
                    wholePack ? parts.getFirst().bytes() : recipe.length(),
                    wholePack ? Optional.of(fileHash) : Optional.empty());
        }
    }

    /**
     * Reads the NAR that a pack's footer describes.
     *
     * @throws DamagedException if it is not a valid pack, or the NAR does not match the footer
     */
    public RecoveredNar read(String domain, UUID pack) throws IOException {
        var footer = PackFooter.read(packContent(locator.locate(domain, pack)));
        if (footer.part() || footer.recipe().runs().isEmpty()) {
            return new RecoveredNar(List.of(), footer, new byte[0], new byte[0], false, new byte[0]);
        }
        var parts = new ArrayList<PackRow>();
        var contents = new ArrayList<Content>();
        var footers = new ArrayList<PackFooter>();
        var sha256 = HashAlgorithm.SHA256.newDigest();
        for (var id : footer.recipe().packs()) {
            var location = locator.locate(domain, id);
            var content = packContent(location);
            var packFooter = PackFooter.read(content);
            sha256.reset();
            parts.add(toPackRow(location, content, packFooter, sha256));
            contents.add(content);
            footers.add(packFooter);
        }
        var lengths = chunkLengths(footer.recipe(), footers);
        var frames = new RecipeContent(contents, footer.recipe().runs());
        var listing =
                readListing(new NarContent(frames, new ChunkLengths(lengths), footer.narSize(), () -> {}), footer);
        return new RecoveredNar(parts, footer, listing, lengths, isWholePack(footer), sha256.digest());
    }

    private static Content packContent(PackLocation location) throws IOException {
        var key = location.key();
        long size = location.backend().size(key).orElseThrow(() -> new DamagedException(key.path() + " is gone"));
        return new PackContent(location.backend(), key, size);
    }

    private PackRow toPackRow(PackLocation location, Content content, PackFooter footer, MessageDigest sha256)
            throws IOException {
        var crc = new CRC32C();
        try (var in = content.open()) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                sha256.update(buffer, 0, count);
                crc.update(buffer, 0, count);
            }
        }
        long rawBytes = 0;
        for (int ordinal = 0; ordinal < footer.chunkCount(); ordinal++) {
            rawBytes += footer.chunk(ordinal).rawLength();
        }
        return new PackRow(location, content.length(), rawBytes, footer.chunkCount(), (int) crc.getValue());
    }

    private static byte[] chunkLengths(Recipe<UUID> recipe, List<PackFooter> footers) throws DamagedException {
        var lengths = new ByteArrayOutputStream();
        for (var run : recipe.runs()) {
            var footer = footers.get(run.slot());
            if (run.first() > footer.chunkCount() - run.count()) {
                throw new DamagedException("a run is longer than its pack");
            }
            for (int ordinal = run.first(); ordinal < run.first() + run.count(); ordinal++) {
                var chunk = footer.chunk(ordinal);
                ChunkLengths.put(lengths, chunk.rawLength(), chunk.compressedLength());
            }
        }
        return lengths.toByteArray();
    }

    /** The same rule as for an upload: a NAR that is exactly the chunks of one pack is served with the footer. */
    private static boolean isWholePack(PackFooter footer) {
        var runs = footer.recipe().runs();
        return footer.recipe().packs().size() == 1
                && runs.size() == 1
                && runs.getFirst().count() == footer.chunkCount();
    }

    private static byte[] readListing(Content nar, PackFooter footer) throws IOException {
        var hashAndListing = new HashAndListing();
        try (var in = nar.open()) {
            NarReader.readWhole(in, NarLimits.DEFAULT, hashAndListing);
        } catch (ProblemException | IndexOutOfBoundsException e) {
            throw new DamagedException("no NAR: " + e.getMessage());
        }
        if (!MessageDigest.isEqual(hashAndListing.sha256.digest(), footer.narHash())) {
            throw new DamagedException("another NAR than the footer says");
        }
        return NarStore.compressListing(hashAndListing.listing.build(), LISTING_COMPRESSION_LEVEL);
    }

    /** Computes hash and listing; the chunks are already stored. */
    private static final class HashAndListing implements NarVisitor {
        private final MessageDigest sha256 = HashAlgorithm.SHA256.newDigest();
        private final NarListing.Builder listing = new NarListing.Builder();

        @Override
        public void raw(byte[] bytes, int from, int count) {
            sha256.update(bytes, from, count);
        }

        @Override
        public void directory(byte[] name, int depth) {
            listing.directory(name, depth);
        }

        @Override
        public void regular(byte[] name, int depth, boolean executable, long size, long offset) {
            listing.regular(name, depth, executable, size, offset);
        }

        @Override
        public void symlink(byte[] name, int depth, byte[] target) {
            listing.symlink(name, depth, target);
        }

        @Override
        public void endDirectory() {
            listing.endDirectory();
        }
    }
}
