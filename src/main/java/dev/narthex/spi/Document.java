package dev.narthex.spi;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * An answer of a registry as it is kept. Long ones are kept packed alone: nearly every client takes them so.
 *
 * @param etag of the plain bytes, without quotes
 * @param length of the plain bytes
 * @param plain empty if only the packed form is kept
 * @param gzip empty if packing is not worth it
 */
public record Document(String etag, long length, Optional<byte[]> plain, Optional<byte[]> gzip) {
    private static final int WORTH_PACKING = 1024;

    /** Up to here the plain form is kept beside the packed one. */
    private static final int SMALL = 16 << 10;

    /** @param form two forms of one subject may have the same bytes under different types: their ETags differ all the same */
    public static Document of(String form, byte[] body) {
        var sha256 = HashAlgorithm.SHA256.digest();
        sha256.update(form.getBytes(StandardCharsets.UTF_8));
        var etag = new NixHash(HashAlgorithm.SHA256, sha256.digest(body)).nix32();
        var gzip = body.length < WORTH_PACKING ? Optional.<byte[]>empty() : Optional.of(packed(body));
        boolean plain = body.length <= SMALL || gzip.isEmpty();
        return new Document(etag, body.length, plain ? Optional.of(body) : Optional.empty(), gzip);
    }

    /** Of one form only, too short to be packed. */
    public static Document plain(byte[] body) {
        return new Document(NixHash.sha256(body).nix32(), body.length, Optional.of(body), Optional.empty());
    }

    /** The plain bytes; the caller closes the stream. */
    public InputStream open() {
        if (plain.isPresent()) {
            return new ByteArrayInputStream(plain.get());
        }
        try {
            return new GZIPInputStream(new ByteArrayInputStream(gzip.orElseThrow()), 16 << 10);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public byte[] bytes() {
        try (var in = open()) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Packs an answer that is too long to be kept. The caller closes it. */
    public static OutputStream packing(OutputStream out) throws IOException {
        return new GZIPOutputStream(out, 16 << 10);
    }

    private static byte[] packed(byte[] body) {
        var out = new ByteArrayOutputStream(body.length / 4);
        try (var gzip = packing(out)) {
            gzip.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
