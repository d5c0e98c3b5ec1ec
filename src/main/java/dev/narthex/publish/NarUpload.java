package dev.narthex.publish;

import dev.narthex.nix.Compression;
import dev.narthex.nix.Compression.CompressionFormat;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import dev.narthex.store.NarStore;
import dev.narthex.store.PendingUploads;
import dev.narthex.store.StagedNar;
import io.quarkus.logging.Log;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Receives NARs. Nix chooses the file name of an upload, and sends the NAR long before the narinfo that says which path it belongs
 * to. The file name is stored with the NAR until the narinfo claims it.
 */
@ApplicationScoped
public class NarUpload {
    /** The file's SHA-256 as nix writes it: 52 digits of Nix base-32. */
    private static final Pattern HASHED_FILE_NAME = Pattern.compile("([0-9a-df-np-sv-z]{52})\\.nar(\\..*)?");

    private final NarStore nars;
    private final PendingUploads pendingUploads;

    NarUpload(NarStore nars, PendingUploads pendingUploads) {
        this.nars = nars;
        this.pendingUploads = pendingUploads;
    }

    /**
     * Reads the body to its end and stores the NAR.
     *
     * @param fileName file name in the upload URL
     * @throws dev.narthex.problem.ProblemException if the body is not a NAR, or does not match the hash in the file name; nothing
     *     is stored then
     */
    public void receive(Cache cache, String fileName, InputStream body) throws IOException {
        try (var incoming = IncomingNar.of(fileName, body);
                var staged = nars.stage(incoming.nar, cache.domainId())) {
            checkFileName(fileName, incoming.fileHash().orElse(staged.narHash()), staged);
            QuarkusTransaction.requiringNew()
                    .run(() -> pendingUploads.recordUpload(cache.id(), fileName, staged.link()));
            Log.debugf("took %s %s %d bytes", cache.name(), fileName, staged.narSize());
        }
    }

    /**
     * An uploaded file while it is read.
     *
     * @param digest empty for an uncompressed NAR, whose NAR hash is the file hash
     */
    private record IncomingNar(InputStream nar, Optional<MessageDigest> digest) implements AutoCloseable {
        static IncomingNar of(String fileName, InputStream body) throws IOException {
            var magic = body.readNBytes(Compression.HEADER_BYTES);
            var file = new SequenceInputStream(new ByteArrayInputStream(magic), body);
            // Brotli has no magic bytes; nix uploads it with this extension.
            boolean brotli = fileName.endsWith(".br");
            if (!brotli && Compression.detect(magic) == CompressionFormat.NONE) {
                return new IncomingNar(file, Optional.empty());
            }
            var digest = HashAlgorithm.SHA256.newDigest();
            var digestingBody = new DigestInputStream(file, digest);
            return new IncomingNar(
                    brotli
                            ? Compression.decompress(digestingBody, CompressionFormat.BR, "compressed NAR")
                            : digestingBody,
                    Optional.of(digest));
        }

        /** Returns the hash of the file. Call it once, at the end of the stream. */
        Optional<NixHash> fileHash() {
            return digest.map(messageDigest -> NixHash.of(HashAlgorithm.SHA256, messageDigest.digest()));
        }

        @Override
        public void close() throws IOException {
            nar.close();
        }
    }

    /** Returns whether a NAR was uploaded under this file name and is still stored. */
    public boolean hasUpload(Cache cache, String fileName) {
        return pendingUploads
                .findNarId(cache.id(), fileName)
                .flatMap(nars::find)
                .isPresent();
    }

    /** Checks the hash in a file name of nix's form: the hash of the file, or of the NAR, which some clients use instead. */
    private static void checkFileName(String fileName, NixHash fileHash, StagedNar staged) {
        var name = HASHED_FILE_NAME.matcher(fileName);
        if (name.matches()
                && !name.group(1).equals(fileHash.nix32())
                && !name.group(1).equals(staged.narHash().nix32())) {
            throw Problem.mismatch(
                    "file name",
                    "The body sent as " + fileName + " has the SHA-256 " + fileHash.nix32()
                            + ": it was changed or cut on its way. Send it again.");
        }
    }
}
