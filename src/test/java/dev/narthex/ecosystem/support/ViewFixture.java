package dev.narthex.ecosystem.support;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.FoundArtifact;
import dev.narthex.spi.FoundRelease;
import dev.narthex.spi.ReleaseInfo;
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

    public static ReleaseInfo release(Ecosystem ecosystem, FoundRelease release, NarCandidate path) {
        var artifacts = new ArrayList<Artifact>();
        for (var artifact : release.artifacts()) {
            artifacts.add(artifact(artifact, path));
        }
        return new ReleaseInfo(
                1,
                CACHE,
                BASE,
                List.of("orchard:pU3KGCUwux1tEyze1iN7LtkeP3IfyxlxF0SU1kk8nVw="),
                ecosystem.id(),
                release.name(),
                ecosystem.normalize(release.name()),
                release.version(),
                ecosystem.prerelease(release.version()),
                true,
                release.facts(),
                PUBLISHED,
                Map.of(),
                artifacts,
                release.dependencies());
    }

    /** Returns the same text by the same key. */
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

    static ReleaseInfo withdrawn(ReleaseInfo r, String kind, String reason) {
        return new ReleaseInfo(
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
