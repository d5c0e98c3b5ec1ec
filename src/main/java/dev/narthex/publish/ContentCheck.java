package dev.narthex.publish;

import dev.narthex.content.Content;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.HashModulo;
import dev.narthex.nix.NarInfo;
import dev.narthex.nix.NarListing;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import dev.narthex.store.Nar;
import dev.narthex.store.Nars;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Checks a content address, which clients accept without a signature: it must name the path, and its hash must be that of
 * the content. nix aborts on a narinfo whose CA does not fit its path, so a wrong one must never be served.
 */
@ApplicationScoped
class ContentCheck {
    /** A NAR of 50 GB takes minutes, so few are read again at the same time. */
    private static final Semaphore TURNS = new Semaphore(2, true);

    /** nix gives up on a server that is silent for 5 minutes ({@code stalled-download-timeout}). */
    private static final int WAIT_SECONDS = 120;

    private static final int RETRY_SECONDS = 30;

    private final Nars nars;

    ContentCheck(Nars nars) {
        this.nars = nars;
    }

    void check(NarInfo info, Nar nar) throws IOException {
        if (info.ca().isEmpty()) {
            return;
        }
        var ca = info.ca().get();
        if (!ca.matches(info.path(), info.references())) {
            throw wrong(info, "it names another store path");
        }
        boolean refersToItself = info.references().contains(info.path().base());
        if (!(refersToItself
                ? matchesModulo(info.path(), ca, nar)
                : hashOf(ca, nar).equals(ca.hash()))) {
            throw wrong(info, "the content has another hash");
        }
    }

    /**
     * The hash part is not known while the NAR is pushed, which comes before the narinfo, so the NAR is read again from the
     * store. Only content that refers to itself costs this.
     */
    private boolean matchesModulo(StorePath path, ContentAddress ca, Nar nar) throws IOException {
        takeTurn();
        try {
            var content = nars.nar(nar);
            return new HashModulo(path).matches(ca.hash(), content::open);
        } finally {
            TURNS.release();
        }
    }

    private static void takeTurn() {
        try {
            if (TURNS.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new Problem.Unavailable(
                        "Other content addresses are being checked. Send the narinfo again later.", RETRY_SECONDS)
                .asException();
    }

    private static RuntimeException wrong(NarInfo info, String why) {
        return new Problem.Mismatch("CA", "The content address of " + info.path() + " is wrong: " + why + ".")
                .asException();
    }

    /** Flat and text addresses hash the file, recursive ones the NAR. */
    private NixHash hashOf(ContentAddress ca, Nar nar) throws IOException {
        var algorithm = ca.hash().algorithm();
        if (ca instanceof ContentAddress.Fixed(boolean recursive, NixHash hash) && recursive) {
            return algorithm == nar.narHash().algorithm() ? nar.narHash() : digest(nars.nar(nar), hash);
        }
        if (nars.listing(nar.id()).root() instanceof NarListing.Entry.Regular file) {
            return digest(nars.nar(nar).slice(file.narOffset(), file.size()), ca.hash());
        }
        throw new Problem.Mismatch("CA", "A flat content address needs a path that is one file.").asException();
    }

    private static NixHash digest(Content content, NixHash like) throws IOException {
        var digest = like.algorithm().digest();
        try (InputStream in = new DigestInputStream(content.open(), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return NixHash.of(like.algorithm(), digest.digest());
    }
}
