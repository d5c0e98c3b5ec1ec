package dev.narthex.publish;

import dev.narthex.nix.Compression;
import dev.narthex.nix.Compression.Kind;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.Nix32;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import dev.narthex.store.Nars;
import dev.narthex.store.Staged;
import dev.narthex.store.Uploads;
import io.quarkus.logging.Log;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
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
        var digest = HashAlgorithm.SHA256.digest();
        try (var nar = undone(fileName, new DigestInputStream(body, digest));
                var staged = nars.stage(nar, cache.domainId())) {
            check(fileName, digest, staged);
            QuarkusTransaction.requiringNew().run(() -> uploads.remember(cache.id(), fileName, staged.link()));
            Log.debugf("took %s %s %d bytes", cache.name(), fileName, staged.narSize());
        }
    }

    /** Brotli alone has no first bytes that tell it; nix sends it under a name that does. */
    private static InputStream undone(String fileName, InputStream body) throws IOException {
        return fileName.endsWith(".br") ? Compression.decompress(body, Kind.BR, "compressed NAR") : body;
    }

    /** Whether a NAR was sent under this name, and is kept. */
    public boolean has(Cache cache, String fileName) {
        return uploads.narOf(cache.id(), fileName).flatMap(nars::find).isPresent();
    }

    /** A name of the form that nix uses promises the hash of the file; some clients promise the hash of the NAR instead. */
    private static void check(String fileName, MessageDigest digest, Staged staged) {
        var name = HASHED.matcher(fileName);
        var fileHash = Nix32.encode(digest.digest());
        if (name.matches()
                && !name.group(1).equals(fileHash)
                && !name.group(1).equals(staged.narHash().nix32())) {
            throw new Problem.Mismatch(
                            "file name",
                            "The body sent as " + fileName + " has the SHA-256 " + fileHash
                                    + ": it was changed or cut on its way. Send it again.")
                    .asException();
        }
    }
}
