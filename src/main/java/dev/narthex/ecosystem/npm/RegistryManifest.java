package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Attestation;
import dev.narthex.spi.ReleaseInfo;
import java.util.List;
import java.util.Optional;

/**
 * Builds the manifests that the registry serves: the package.json in its {@link NormalizedManifest}, with authoritative values
 * for name,
 * version, {@code dist} and deprecation.
 *
 * @param registryUrl ends in a slash
 * @param signing empty if no client verifies the manifest
 */
record RegistryManifest(String registryUrl, Optional<RegistrySignatures> signing) {
    /** Members needed for installing; the abbreviated document contains only these (npm/registry package-metadata.md). */
    private static final List<String> ABBREVIATED = List.of(
            "deprecated",
            "dependencies",
            "optionalDependencies",
            "devDependencies",
            "bundleDependencies",
            "peerDependencies",
            "peerDependenciesMeta",
            "bin",
            "directories",
            "engines",
            "os",
            "cpu",
            "libc",
            "funding",
            "acceptDependencies",
            "hasInstallScript",
            "_hasShrinkwrap",
            "dist");

    /** Scripts that clients run on install. */
    static final List<String> INSTALL_SCRIPTS = List.of("preinstall", "install", "postinstall");

    /** Route of attestations, relative to the registry's own routes; name and version follow. */
    static final String ATTESTATIONS = "npm/v1/attestations/";

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    ObjectNode manifest(ReleaseInfo release) {
        var unpacked = UnpackedStats.of(release.facts().notes());
        var json = PackageJson.parse(release.facts().manifest())
                .map(manifest -> NormalizedManifest.of(manifest, unpacked))
                .orElseGet(NODES::objectNode);
        json.put("name", release.name());
        json.put("version", release.version());
        json.put("_id", release.name() + "@" + release.version());
        json.set("dist", dist(release, unpacked));
        namesOnly(json.path("maintainers"));
        json.remove("hasInstallScript");
        if (INSTALL_SCRIPTS.stream().anyMatch(json.path("scripts")::has)) {
            json.put("hasInstallScript", true);
        }
        if (unpacked.shrinkwrap()) {
            json.put("_hasShrinkwrap", true);
        }
        deprecated(release).ifPresent(reason -> json.put("deprecated", reason));
        return json;
    }

    /** Removes email addresses: a person listed as maintainer may not have agreed to publish one. */
    private static void namesOnly(JsonNode maintainers) {
        for (var node : maintainers) {
            if (node instanceof ObjectNode person) {
                person.remove("email");
            }
        }
    }

    ObjectNode abbreviated(ReleaseInfo release) {
        var all = manifest(release);
        var json = NODES.objectNode().put("name", release.name()).put("version", release.version());
        for (var member : ABBREVIATED) {
            if (all.has(member)) {
                json.set(member, all.get(member));
            }
        }
        return json;
    }

    /** Returns the file of a release that clients fetch. */
    static Optional<Artifact> tarball(ReleaseInfo release) {
        return release.artifacts().stream().filter(Artifact::released).findFirst();
    }

    /** Clients treat an empty reason as not deprecated, so it is replaced. */
    private static Optional<String> deprecated(ReleaseInfo release) {
        return Optional.ofNullable(release.withdrawals().get("deprecated"))
                .map(reason -> reason.isBlank() ? "This version is deprecated." : reason);
    }

    /** npm uses only the path of this URL, with the host from its configuration. */
    private ObjectNode attestations(ReleaseInfo release, Attestation.Summary summary) {
        var json = NODES.objectNode()
                .put("url", registryUrl + "-/" + ATTESTATIONS + release.name() + "@" + release.version());
        json.putObject("provenance").put("predicateType", summary.predicateType());
        return json;
    }

    /** Returns the response of the attestations route. */
    static ObjectNode attestations(List<Attestation> attestations) {
        var json = NODES.objectNode();
        var list = json.putArray("attestations");
        for (var attestation : attestations) {
            list.addObject()
                    .put("predicateType", attestation.summary().predicateType())
                    .putRawValue("bundle", new RawValue(attestation.bundle()));
        }
        return json;
    }

    private ObjectNode dist(ReleaseInfo release, UnpackedStats unpacked) {
        var dist = NODES.objectNode();
        tarball(release).ifPresent(file -> {
            dist.put("tarball", registryUrl + release.name() + "/-/" + file.filename());
            file.sha512().ifPresent(hash -> dist.put("integrity", hash.sri()));
            file.sha512()
                    .flatMap(hash -> signing.map(by -> by.signatures(release.name(), release.version(), hash)))
                    .ifPresent(signatures -> dist.set("signatures", signatures));
            file.sha1().ifPresent(hash -> dist.put("shasum", hash.hex()));
            file.attested().ifPresent(summary -> dist.set("attestations", attestations(release, summary)));
        });
        if (unpacked.files() > 0) {
            dist.put("fileCount", unpacked.files());
            dist.put("unpackedSize", unpacked.bytes());
        }
        return dist;
    }
}
