package dev.narthex.publish;

import dev.narthex.nix.Compression;
import dev.narthex.nix.Compression.Kind;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import dev.narthex.store.Nars;
import dev.narthex.store.Staged;
import dev.narthex.store.Uploads;
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
 * Takes NARs. nix sends each under a name of its own making, long before it says which path the NAR belongs to; the name is
 * remembered with the NAR until the narinfo claims it.
 */
@ApplicationScoped
public class NarIntake {
    /** 52 digits of Nix base-32, as nix writes the SHA-256 of the file. */
    private static final Pattern HASHED = Pattern.compile("([0-9a-df-np-sv-z]{52})\\.nar(\\..*)?");

    private final Nars nars;
    private final Uploads uploads;

    NarIntake(Nars nars, Uploads uploads) {
        this.nars = nars;
        this.uploads = uploads;
    }

    /**
     * Reads the body to its end and keeps the NAR in it.
     *
     * @param fileName under which the client sends it
     * @throws dev.narthex.problem.ProblemException if it is no NAR, or not the file that its name says; nothing is kept then
     */
    public void take(Cache cache, String fileName, InputStream body) throws IOException {
        try (var sent = Sent.of(fileName, body);
                var staged = nars.stage(sent.nar, cache.domainId())) {
            check(fileName, sent.hash().orElse(staged.narHash()), staged);
            QuarkusTransaction.requiringNew().run(() -> uploads.remember(cache.id(), fileName, staged.link()));
            Log.debugf("took %s %s %d bytes", cache.name(), fileName, staged.narSize());
        }
    }

    /**
     * A file while it is read.
     *
     * @param digest empty of a NAR that is not compressed: its file is hashed with it
     */
    private record Sent(InputStream nar, Optional<MessageDigest> digest) implements AutoCloseable {
        static Sent of(String fileName, InputStream body) throws IOException {
            var head = body.readNBytes(Compression.HEAD);
            var file = new SequenceInputStream(new ByteArrayInputStream(head), body);
            // Brotli alone has no first bytes that tell it; nix sends it under a name that does
            boolean brotli = fileName.endsWith(".br");
            if (!brotli && Compression.sniff(head) == Kind.NONE) {
                return new Sent(file, Optional.empty());
            }
            var digest = HashAlgorithm.SHA256.digest();
            var hashed = new DigestInputStream(file, digest);
            return new Sent(
                    brotli ? Compression.decompress(hashed, Kind.BR, "compressed NAR") : hashed, Optional.of(digest));
        }

        /** To be asked once, when all is read. */
        Optional<NixHash> hash() {
            return digest.map(digested -> NixHash.of(HashAlgorithm.SHA256, digested.digest()));
        }

        @Override
        public void close() throws IOException {
            nar.close();
        }
    }

    /** Whether a NAR was sent under this name, and is kept. */
    public boolean has(Cache cache, String fileName) {
        return uploads.narOf(cache.id(), fileName).flatMap(nars::find).isPresent();
    }

    /** A name of the form that nix uses promises the hash of the file; some clients promise the hash of the NAR instead. */
    private static void check(String fileName, NixHash fileHash, Staged staged) {
        var name = HASHED.matcher(fileName);
        if (name.matches()
                && !name.group(1).equals(fileHash.nix32())
                && !name.group(1).equals(staged.narHash().nix32())) {
            throw new Problem.Mismatch(
                            "file name",
                            "The body sent as " + fileName + " has the SHA-256 " + fileHash.nix32()
                                    + ": it was changed or cut on its way. Send it again.")
                    .asException();
        }
    }
}
