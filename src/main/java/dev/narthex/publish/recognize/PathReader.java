package dev.narthex.publish.recognize;

import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.release.ArtifactDigests;
import dev.narthex.http.Content;
import dev.narthex.nix.Derivation;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NarListing;
import dev.narthex.nix.NarListing.Entry;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.FoundArtifact;
import dev.narthex.store.Nar;
import dev.narthex.store.NarStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.time.Instant;
import java.util.Optional;

/** Reads the contents of stored paths: listings, single files, byte ranges and their digests. */
@ApplicationScoped
public class PathReader {
    /** Larger files are not parsed as derivations. */
    private static final long MAX_DERIVATION_BYTES = 16L << 20;

    private final NarStore nars;

    PathReader(NarStore nars) {
        this.nars = nars;
    }

    /** @throws ProblemException {@code Damaged} if the bytes of the path are damaged */
    public NarListing listing(PathInfo path) throws IOException {
        requireUndamaged(path);
        return nars.getListing(path.narId());
    }

    /**
     * Returns the uncompressed NAR.
     *
     * @throws ProblemException {@code Damaged} if the bytes of the path are damaged
     */
    public Content nar(PathInfo path) throws IOException {
        return nars.uncompressedContent(requireNar(path));
    }

    /** Returns the content of a regular file in the listing. */
    public Content file(PathInfo path, Entry.Regular file) throws IOException {
        return nar(path).slice(file.narOffset(), file.size());
    }

    /** Returns the derivation in this path; empty if the path is not a derivation or it cannot be parsed. */
    public Optional<Derivation> findDerivation(PathInfo path) throws IOException {
        if (!path.path().isDerivation()
                || !(listing(path).root() instanceof Entry.Regular file)
                || file.size() > MAX_DERIVATION_BYTES) {
            return Optional.empty();
        }
        try (InputStream in = file(path, file).open()) {
            return Optional.of(Derivation.parse(in.readAllBytes()));
        } catch (ProblemException e) {
            return Optional.empty();
        }
    }

    /**
     * Returns the digests of an artifact. For a whole path that is its known NAR hash; a file is read once for the three digests
     * that registries use.
     */
    ArtifactDigests computeDigests(PathInfo path, FoundArtifact artifact) throws IOException {
        if (artifact.origin() == FoundArtifact.Origin.PATH) {
            return new ArtifactDigests(path.narHash(), Optional.empty(), Optional.empty());
        }
        var sha256 = HashAlgorithm.SHA256.newDigest();
        var sha512 = HashAlgorithm.SHA512.newDigest();
        var sha1 = HashAlgorithm.SHA1.newDigest();
        try (InputStream bytes = nar(path).open(artifact.offset(), artifact.length());
                var in = new DigestInputStream(
                        new DigestInputStream(new DigestInputStream(bytes, sha1), sha512), sha256)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return new ArtifactDigests(
                NixHash.of(HashAlgorithm.SHA256, sha256.digest()),
                Optional.of(NixHash.of(HashAlgorithm.SHA512, sha512.digest())),
                Optional.of(NixHash.of(HashAlgorithm.SHA1, sha1.digest())));
    }

    private Nar requireNar(PathInfo path) {
        requireUndamaged(path);
        return nars.find(path.narId()).orElseThrow(() -> damaged(path, nars.findDamagedAt(path.narId())));
    }

    private static void requireUndamaged(PathInfo path) {
        if (path.damagedAt().isPresent()) {
            throw damaged(path, path.damagedAt());
        }
    }

    private static ProblemException damaged(PathInfo path, Optional<Instant> damagedAt) {
        return Problem.damaged(path.path().name(), damagedAt, path.path().toString());
    }
}
