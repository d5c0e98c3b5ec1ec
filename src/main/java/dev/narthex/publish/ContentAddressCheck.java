package dev.narthex.publish;

import dev.narthex.http.Content;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.HashModulo;
import dev.narthex.nix.NarInfo;
import dev.narthex.nix.NarListing;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import dev.narthex.store.Nar;
import dev.narthex.store.NarStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Checks the content address of a narinfo, which clients accept in place of a signature: it must match the store path, and its hash
 * must match the content. Nix aborts on a narinfo whose CA does not match its path, so a wrong one must never be served.
 */
@ApplicationScoped
class ContentAddressCheck {
    /** Limits concurrent checks, because rereading a NAR of 50 GB takes minutes. */
    private static final Semaphore PERMITS = new Semaphore(2, true);

    /** Below the 5 minutes after which nix drops a silent server ({@code stalled-download-timeout}). */
    private static final int ACQUIRE_TIMEOUT_SECONDS = 120;

    private static final int RETRY_AFTER_SECONDS = 30;

    private final NarStore nars;

    ContentAddressCheck(NarStore nars) {
        this.nars = nars;
    }

    void check(NarInfo info, Nar nar) throws IOException {
        if (info.ca().isEmpty()) {
            return;
        }
        var ca = info.ca().get();
        if (!ca.matches(info.path(), info.references())) {
            throw mismatch(info, "it names another store path");
        }
        boolean refersToItself = info.references().contains(info.path().baseName());
        if (!(refersToItself
                ? matchesModulo(info.path(), ca, nar)
                : computeHash(ca, nar).equals(ca.hash()))) {
            throw mismatch(info, "the content has another hash");
        }
    }

    /**
     * Checks content that refers to itself. Its hash depends on the hash part of the path, which is unknown when the NAR is
     * uploaded (before the narinfo), so the NAR is read again from the store. Other content does not need this.
     */
    private boolean matchesModulo(StorePath path, ContentAddress ca, Nar nar) throws IOException {
        acquirePermit();
        try {
            var content = nars.uncompressedContent(nar);
            return new HashModulo(path).matches(ca.hash(), content::open);
        } finally {
            PERMITS.release();
        }
    }

    private static void acquirePermit() {
        try {
            if (PERMITS.tryAcquire(ACQUIRE_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw Problem.unavailable(
                "Other content addresses are being checked. Send the narinfo again later.", RETRY_AFTER_SECONDS);
    }

    private static RuntimeException mismatch(NarInfo info, String reason) {
        return Problem.mismatch("CA", "The content address of " + info.path() + " is wrong: " + reason + ".");
    }

    /** Returns the hash that the address must have: of the file for flat and text addresses, of the NAR for recursive ones. */
    private NixHash computeHash(ContentAddress ca, Nar nar) throws IOException {
        var algorithm = ca.hash().algorithm();
        if (ca instanceof ContentAddress.Fixed(boolean recursive, NixHash hash) && recursive) {
            return algorithm == nar.narHash().algorithm() ? nar.narHash() : digest(nars.uncompressedContent(nar), hash);
        }
        if (nars.getListing(nar.id()).root() instanceof NarListing.Entry.Regular file) {
            return digest(nars.uncompressedContent(nar).slice(file.narOffset(), file.size()), ca.hash());
        }
        throw Problem.mismatch("CA", "A flat content address needs a path that is a single file.");
    }

    private static NixHash digest(Content content, NixHash expected) throws IOException {
        var digest = expected.algorithm().newDigest();
        try (InputStream in = new DigestInputStream(content.open(), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return NixHash.of(expected.algorithm(), digest.digest());
    }
}
