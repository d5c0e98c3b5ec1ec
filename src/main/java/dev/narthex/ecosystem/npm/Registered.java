package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.ReleaseView;
import java.util.List;
import java.util.Optional;

/**
 * Manifests as the registry gives them: the package.json with what the registry knows better, name, version and
 * {@code dist}, and without what builds and clients leave in it.
 *
 * @param registryUrl ends in a slash
 */
record Registered(String registryUrl) {
    /** What installing needs; readers of the abbreviated document get nothing else (npm/registry package-metadata.md). */
    private static final List<String> ABBREVIATED = List.of(
            "deprecated",
            "dependencies",
            "optionalDependencies",
            "devDependencies",
            "bundleDependencies",
            "bundledDependencies",
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
            "_hasShrinkwrap");

    private static final List<String> KEPT = List.of("_nodeVersion", "_npmVersion", "_hasShrinkwrap");
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    ObjectNode manifest(ReleaseView release) {
        var parsed = PackageJson.parse(release.facts().manifest());
        var json = parsed.map(PackageJson::json).orElseGet(NODES::objectNode);
        json.remove(json.properties().stream()
                .map(member -> member.getKey())
                .filter(name -> name.startsWith("_") && !KEPT.contains(name))
                .toList());
        json.put("name", release.name());
        json.put("version", release.version());
        json.put("_id", release.name() + "@" + release.version());
        return withDist(json, parsed, release);
    }

    ObjectNode abbreviated(ReleaseView release) {
        var parsed = PackageJson.parse(release.facts().manifest());
        var all = parsed.map(PackageJson::json).orElseGet(NODES::objectNode);
        var json = NODES.objectNode().put("name", release.name()).put("version", release.version());
        for (var member : ABBREVIATED) {
            if (all.has(member)) {
                json.set(member, all.get(member));
            }
        }
        return withDist(json, parsed, release);
    }

    /** The file of a release that clients fetch. */
    static Optional<Artifact> tarball(ReleaseView release) {
        return release.artifacts().stream().filter(Artifact::released).findFirst();
    }

    /** Clients take these for objects without looking. */
    private static void dropOdd(ObjectNode json) {
        for (var member : List.of("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")) {
            if (json.has(member) && !json.get(member).isObject()) {
                json.remove(member);
            }
        }
    }

    private ObjectNode withDist(ObjectNode json, Optional<PackageJson> parsed, ReleaseView release) {
        var dist = NODES.objectNode();
        tarball(release).ifPresent(file -> {
            dist.put("tarball", registryUrl + release.name() + "/-/" + file.filename());
            file.sha512().ifPresent(hash -> dist.put("integrity", hash.sri()));
            file.sha1().ifPresent(hash -> dist.put("shasum", hash.hex()));
        });
        json.set("dist", dist);
        dropOdd(json);
        if (parsed.filter(p -> !p.installScripts().isEmpty()).isPresent()) {
            json.put("hasInstallScript", true);
        }
        // A text for "bin" means one command, called as the package: clients expect the long form.
        if (json.path("bin").isTextual()) {
            var command = NpmName.parse(release.name()).map(NpmName::base).orElse(release.name());
            json.set("bin", NODES.objectNode().set(command, json.get("bin")));
        }
        return json;
    }
}
