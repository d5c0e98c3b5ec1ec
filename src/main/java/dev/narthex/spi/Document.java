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
 * A cached registry response. Bodies over {@value #SMALL} bytes are stored only as gzip, since nearly every client accepts it.
 *
 * @param etag of the uncompressed bytes, without quotes
 * @param length of the uncompressed bytes
 * @param plain empty if only the gzip form is stored
 * @param gzip empty if compression is not worthwhile
 */
public record Document(String etag, long length, Optional<byte[]> plain, Optional<byte[]> gzip) {
    private static final int WORTH_PACKING = 1024;

    /** Bodies up to this many bytes also keep their uncompressed form. */
    private static final int SMALL = 16 << 10;

    /** @param form media type or variant; it is hashed into the ETag, so that two forms with the same bytes have different ETags */
    public static Document of(String form, byte[] body) {
        var sha256 = HashAlgorithm.SHA256.newDigest();
        sha256.update(form.getBytes(StandardCharsets.UTF_8));
        var etag = new NixHash(HashAlgorithm.SHA256, sha256.digest(body)).nix32();
        var gzip = body.length < WORTH_PACKING ? Optional.<byte[]>empty() : Optional.of(packed(body));
        boolean plain = body.length <= SMALL || gzip.isEmpty();
        return new Document(etag, body.length, plain ? Optional.of(body) : Optional.empty(), gzip);
    }

    /** Creates a document that has a single form and is too short to compress. */
    public static Document plain(byte[] body) {
        return new Document(NixHash.sha256(body).nix32(), body.length, Optional.of(body), Optional.empty());
    }

    /** Opens the uncompressed bytes. The caller closes the stream. */
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

    /** Returns a gzip stream for a response that is too long to cache. The caller closes it. */
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
