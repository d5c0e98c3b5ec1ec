package dev.narthex.ecosystem.support;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.FoundArtifact;
import dev.narthex.spi.FoundRelease;
import dev.narthex.spi.ReleaseView;
import dev.narthex.spi.Signer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The catalog's view of a recognized release. */
public final class ViewFixture {
    public static final String BASE = "http://registry.example.org";
    public static final String CACHE = "orchard";
    public static final Instant PUBLISHED = Instant.parse("2025-03-01T10:00:00Z");

    private ViewFixture() {}

    public static ReleaseView release(Ecosystem ecosystem, FoundRelease found, NarCandidate path) {
        var artifacts = new ArrayList<Artifact>();
        for (var artifact : found.artifacts()) {
            artifacts.add(artifact(artifact, path));
        }
        return new ReleaseView(
                1,
                CACHE,
                BASE,
                List.of("orchard:pU3KGCUwux1tEyze1iN7LtkeP3IfyxlxF0SU1kk8nVw="),
                ecosystem.id(),
                found.name(),
                ecosystem.normalize(found.name()),
                found.version(),
                ecosystem.prerelease(found.version()),
                true,
                found.facts(),
                PUBLISHED,
                Map.of(),
                artifacts,
                found.dependencies());
    }

    /** The same text by the same key. */
    public static Signer signer() {
        return new Signer() {
            @Override
            public List<byte[]> publicKeys() {
                return List.of(new byte[] {1, 2, 3});
            }

            @Override
            public byte[] sign(String text) {
                return text.getBytes(StandardCharsets.UTF_8);
            }
        };
    }

    static ReleaseView withdrawn(ReleaseView r, String kind, String reason) {
        return new ReleaseView(
                r.id(),
                r.cache(),
                r.baseUrl(),
                r.keys(),
                r.ecosystem(),
                r.name(),
                r.normalized(),
                r.version(),
                r.prerelease(),
                r.released(),
                r.facts(),
                r.publishedAt(),
                Map.of(kind, reason),
                r.artifacts(),
                r.dependencies());
    }

    private static Artifact artifact(FoundArtifact found, NarCandidate path) {
        var bytes = path.bytes(found);
        return new Artifact(
                Math.abs((long) found.filename().hashCode()),
                found.filename(),
                path.path(),
                path.path().hash(),
                found.output(),
                found.platform(),
                found.origin().column(),
                true,
                true,
                found.offset(),
                found.length(),
                hash(HashAlgorithm.SHA256, bytes),
                Optional.of(hash(HashAlgorithm.SHA512, bytes)),
                Optional.of(hash(HashAlgorithm.SHA1, bytes)),
                PUBLISHED,
                Optional.empty());
    }

    private static NixHash hash(HashAlgorithm algorithm, byte[] bytes) {
        return new NixHash(algorithm, algorithm.newDigest().digest(bytes));
    }
}
