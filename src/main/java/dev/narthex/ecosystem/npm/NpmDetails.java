package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Attestation;
import dev.narthex.spi.ReleaseInfo;
import dev.narthex.spi.Signer;
import dev.narthex.spi.UntrustedText;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Facts about a release that only npm has.
 *
 * @param engines such as {@code node >=18}
 * @param commands commands that it installs
 * @param unpackedSize total size of all files in bytes; 0 if unknown
 * @param files number of files; 0 if unknown
 * @param installScripts scripts that clients run on install
 * @param scripts all other scripts, for developers of the package
 * @param types path of its TypeScript declarations according to its manifest; may be empty
 * @param modules whether its files are ECMAScript modules by default
 * @param deprecated the reason; empty if it is not deprecated
 * @param signature the registry signature; empty if no tarball with a SHA-512 is served
 * @param provenance lines of its provenance attestation; empty if it was published without one
 */
public record NpmDetails(
        List<String> engines,
        List<String> commands,
        long unpackedSize,
        int files,
        List<Script> installScripts,
        List<Script> scripts,
        String types,
        boolean modules,
        String deprecated,
        Optional<RegistrySignature> signature,
        List<Attestation.DetailLine> provenance) {
    private static final int MAX_SCRIPTS = 100;

    public NpmDetails {
        engines = List.copyOf(engines);
        commands = List.copyOf(commands);
        installScripts = List.copyOf(installScripts);
        scripts = List.copyOf(scripts);
        provenance = List.copyOf(provenance);
    }

    /** @param command the shell command, shortened to one line */
    public record Script(String name, String command) {}

    /**
     * @param keyId id of the key that signs name, version and digest in the registry's documents
     * @param keys URL of the public keys
     */
    public record RegistrySignature(String keyId, String keys) {}

    static NpmDetails of(ReleaseInfo release, Supplier<Signer> signer) {
        var manifest = new RegistryManifest("", Optional.empty()).manifest(release);
        var unpacked = UnpackedStats.of(release.facts().notes());
        var tarball = RegistryManifest.tarball(release);
        return new NpmDetails(
                manifest.path("engines")
                        .propertyStream()
                        .map(engine -> UntrustedText.line(
                                engine.getKey() + " " + engine.getValue().asText("")))
                        .toList(),
                manifest.path("bin")
                        .propertyStream()
                        .map(command -> UntrustedText.line(command.getKey()))
                        .toList(),
                unpacked.bytes(),
                unpacked.files(),
                scripts(manifest, RegistryManifest.INSTALL_SCRIPTS::contains),
                scripts(manifest, name -> !RegistryManifest.INSTALL_SCRIPTS.contains(name)),
                UntrustedText.line(manifest.path(manifest.has("types") ? "types" : "typings")
                        .asText("")),
                manifest.path("type").asText("").equals("module"),
                UntrustedText.line(manifest.path("deprecated").asText("")),
                tarball.flatMap(Artifact::sha512).map(_ -> signed(release, signer.get())),
                tarball.flatMap(Artifact::attested)
                        .map(Attestation.Summary::says)
                        .orElse(List.of()));
    }

    /** Returns install scripts in the order in which npm runs them. */
    static List<Script> installScripts(ReleaseInfo release) {
        var manifest = new RegistryManifest("", Optional.empty()).manifest(release);
        return scripts(manifest, RegistryManifest.INSTALL_SCRIPTS::contains).stream()
                .sorted(Comparator.comparingInt(script -> RegistryManifest.INSTALL_SCRIPTS.indexOf(script.name())))
                .toList();
    }

    private static List<Script> scripts(ObjectNode manifest, Predicate<String> filter) {
        return manifest.path("scripts")
                .propertyStream()
                .filter(script -> filter.test(script.getKey()))
                .map(script -> new Script(
                        UntrustedText.line(script.getKey()),
                        UntrustedText.line(script.getValue().asText(""))))
                .limit(MAX_SCRIPTS)
                .toList();
    }

    private static RegistrySignature signed(ReleaseInfo release, Signer signer) {
        return new RegistrySignature(
                new RegistrySignatures(signer).keyId(),
                release.baseUrl() + "/registry/" + release.cache() + "/npm/-/" + RegistrySignatures.KEYS);
    }
}
