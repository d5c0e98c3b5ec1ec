package dev.narthex.ecosystem;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.Registry;
import jakarta.inject.Singleton;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.zip.GZIPOutputStream;

/**
 * Answers made from the catalog, kept for as long as nothing changes in it. A client that asks again costs one look at the
 * revision; making a packument of hundreds of versions costs a hundred times that. The ETag is that of the bytes, so that a
 * change elsewhere, which makes the answer be made again, does not make clients load it again. Kept in bounded memory, least
 * recently used out first. Whoever calls has been handed the {@link Registry} and so may read what is kept for its cache.
 */
@Singleton
public class Prepared {
    private static final long MOST_BYTES = 48L << 20;
    private static final int SMALL = 1024;

    private final Map<Key, Answer> kept = new LinkedHashMap<>(64, 0.75f, true);
    private long bytes;

    /**
     * An answer's bytes.
     *
     * @param etag without quotes
     * @param gzip the same packed; empty if that is not worth it
     */
    public record Answer(String revision, String etag, byte[] body, Optional<byte[]> gzip) {
        private long weight() {
            return 200 + body.length + gzip.map(g -> g.length).orElse(0);
        }
    }

    private record Key(long cache, String baseUrl, String ecosystem, String name, String form) {}

    /**
     * The kept answer, or a new one.
     *
     * @param form tells apart the forms of one name's answer
     * @param maker makes the body from what the catalog says now
     */
    public Answer get(Registry registry, String ecosystem, String name, String form, Supplier<byte[]> maker) {
        var key = new Key(registry.cache().id(), registry.baseUrl(), ecosystem, name, form);
        // Read before the catalog is: a change in between makes the answer too old at once, not too young for ever.
        var revision = registry.revision();
        var before = look(key);
        if (before.isPresent() && before.get().revision().equals(revision)) {
            return before.get();
        }
        var body = maker.get();
        var etag = etag(form, body);
        var answer = before.filter(old -> old.etag().equals(etag))
                .map(old -> new Answer(revision, etag, old.body(), old.gzip()))
                .orElseGet(() -> new Answer(revision, etag, body, packed(body)));
        keep(key, answer);
        return answer;
    }

    private synchronized Optional<Answer> look(Key key) {
        return Optional.ofNullable(kept.get(key));
    }

    private synchronized void keep(Key key, Answer answer) {
        var before = kept.put(key, answer);
        bytes += answer.weight() - (before == null ? 0 : before.weight());
        var oldest = kept.entrySet().iterator();
        while (bytes > MOST_BYTES && oldest.hasNext()) {
            bytes -= oldest.next().getValue().weight();
            oldest.remove();
        }
    }

    /** Two forms of one name may have the same bytes under different types: their ETags differ all the same. */
    private static String etag(String form, byte[] body) {
        var sha256 = HashAlgorithm.SHA256.digest();
        sha256.update(form.getBytes(StandardCharsets.UTF_8));
        return new NixHash(HashAlgorithm.SHA256, sha256.digest(body)).nix32();
    }

    private static Optional<byte[]> packed(byte[] body) {
        if (body.length < SMALL) {
            return Optional.empty();
        }
        var out = new ByteArrayOutputStream(body.length / 4);
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Optional.of(out.toByteArray());
    }
}
