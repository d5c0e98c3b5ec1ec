package dev.narthex.store;

import dev.narthex.content.Content;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NarHandler;
import dev.narthex.nix.NarLimits;
import dev.narthex.nix.NarListing;
import dev.narthex.nix.NarReader;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.ProblemException;
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
final class PackReading {
    private static final int LEVEL = 3;

    private final Places places;
    private final byte[] buffer = new byte[1 << 16];

    PackReading(Places places) {
        this.places = places;
    }

    /** Where a pack is stored. */
    record Place(PackKey key, Backend backend) {}

    /** Locates packs. */
    @FunctionalInterface
    interface Places {
        /** @throws DamagedException if the pack is in no backend */
        Place of(String domain, UUID id) throws IOException;
    }

    /** A pack and the data for its row. */
    record Part(Place place, long bytes, long rawBytes, int chunks, int crc32c) {}

    /**
     * A NAR that was read, or only the footer of a pack that describes none.
     *
     * @param parts the packs of the NAR; empty if the footer describes no NAR
     * @param whole whether the NAR is one whole pack, served including its footer
     * @param fileHash SHA-256 of the last pack; it is the hash of the served bytes if {@code whole}
     */
    record Read(List<Part> parts, PackFooter footer, byte[] listing, byte[] chunkLens, boolean whole, byte[] fileHash) {

        NarRows.Facts facts(long domainId) {
            return new NarRows.Facts(
                    domainId, NixHash.of(HashAlgorithm.SHA256, footer.narHash()), footer.narSize(), listing);
        }

        /** @param ids ids of the parts, in their order */
        Packing.Packed packed(List<Long> ids) {
            var recipe = new Recipe<>(ids, footer.recipe().runs());
            return new Packing.Packed(
                    whole ? 1 : 2,
                    Optional.empty(),
                    List.of(),
                    List.of(),
                    recipe,
                    chunkLens,
                    whole ? parts.getFirst().bytes() : recipe.length(),
                    whole ? Optional.of(fileHash) : Optional.empty());
        }
    }

    /**
     * Reads the NAR that a pack's footer describes.
     *
     * @throws DamagedException if it is not a valid pack, or the NAR does not match the footer
     */
    Read read(String domain, UUID pack) throws IOException {
        var footer = PackFooter.read(content(places.of(domain, pack)));
        if (footer.part() || footer.recipe().runs().isEmpty()) {
            return new Read(List.of(), footer, new byte[0], new byte[0], false, new byte[0]);
        }
        var parts = new ArrayList<Part>();
        var contents = new ArrayList<Content>();
        var footers = new ArrayList<PackFooter>();
        var sha256 = HashAlgorithm.SHA256.digest();
        for (var id : footer.recipe().packs()) {
            var place = places.of(domain, id);
            var content = content(place);
            var own = PackFooter.read(content);
            sha256.reset();
            parts.add(part(place, content, own, sha256));
            contents.add(content);
            footers.add(own);
        }
        var lens = lens(footer.recipe(), footers);
        var frames = new RecipeContent(contents, footer.recipe().runs());
        var listing = listing(new NarContent(frames, new ChunkLens(lens), footer.narSize(), () -> {}), footer);
        return new Read(parts, footer, listing, lens, whole(footer), sha256.digest());
    }

    private static Content content(Place place) throws IOException {
        var key = place.key();
        long size = place.backend().size(key).orElseThrow(() -> new DamagedException(key.path() + " is gone"));
        return new PackContent(place.backend(), key, size);
    }

    private Part part(Place place, Content content, PackFooter footer, MessageDigest sha256) throws IOException {
        var crc = new CRC32C();
        try (var in = content.open()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                sha256.update(buffer, 0, n);
                crc.update(buffer, 0, n);
            }
        }
        long raw = 0;
        for (int i = 0; i < footer.chunkCount(); i++) {
            raw += footer.chunk(i).raw();
        }
        return new Part(place, content.length(), raw, footer.chunkCount(), (int) crc.getValue());
    }

    private static byte[] lens(Recipe<UUID> recipe, List<PackFooter> footers) throws DamagedException {
        var lens = new ByteArrayOutputStream();
        for (var run : recipe.runs()) {
            var footer = footers.get(run.slot());
            if (run.first() > footer.chunkCount() - run.count()) {
                throw new DamagedException("a run is longer than its pack");
            }
            for (int i = run.first(); i < run.first() + run.count(); i++) {
                var chunk = footer.chunk(i);
                ChunkLens.put(lens, chunk.raw(), chunk.compressed());
            }
        }
        return lens.toByteArray();
    }

    /** The same rule as for an upload: a NAR that is exactly the chunks of one pack is served with the footer. */
    private static boolean whole(PackFooter footer) {
        var runs = footer.recipe().runs();
        return footer.recipe().packs().size() == 1
                && runs.size() == 1
                && runs.getFirst().count() == footer.chunkCount();
    }

    private static byte[] listing(Content nar, PackFooter footer) throws IOException {
        var taken = new Taken();
        try (var in = nar.open()) {
            NarReader.readWhole(in, NarLimits.DEFAULT, taken);
        } catch (ProblemException | IndexOutOfBoundsException e) {
            throw new DamagedException("no NAR: " + e.getMessage());
        }
        if (!MessageDigest.isEqual(taken.sha256.digest(), footer.narHash())) {
            throw new DamagedException("another NAR than the footer says");
        }
        return Nars.compressed(taken.listing.build(), LEVEL);
    }

    /** Computes hash and listing; the chunks are already stored. */
    private static final class Taken implements NarHandler {
        private final MessageDigest sha256 = HashAlgorithm.SHA256.digest();
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
