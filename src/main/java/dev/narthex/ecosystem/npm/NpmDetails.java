package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.ecosystem.PlainText;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Attestation;
import dev.narthex.spi.ReleaseView;
import dev.narthex.spi.Signer;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What only npm says of a release.
 *
 * @param engines such as {@code node >=18}
 * @param commands that it installs
 * @param unpackedSize of all its files together, in bytes; 0 if nobody counted
 * @param files how many; 0 if nobody counted
 * @param installScripts that clients run when they install it
 * @param scripts all others, for whoever works on it
 * @param types file with its TypeScript declarations, as its manifest says; may be empty
 * @param modules whether its files are ECMAScript modules unless they say otherwise
 * @param deprecated the reason, empty if it is not
 * @param signature by which this registry vouches for it; absent of what it does not serve
 * @param provenance what its builder signed about it; empty if nothing is recorded
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
        Optional<Signed> signature,
        List<Attestation.Line> provenance) {
    private static final int MOST_SCRIPTS = 100;

    public NpmDetails {
        engines = List.copyOf(engines);
        commands = List.copyOf(commands);
        installScripts = List.copyOf(installScripts);
        scripts = List.copyOf(scripts);
        provenance = List.copyOf(provenance);
    }

    /** @param command as a shell is given it, on one line and no longer than that may be */
    public record Script(String name, String command) {}

    /**
     * @param keyId of the key by which name, version and digest are signed whenever the registry tells of them
     * @param keys address of the key itself
     */
    public record Signed(String keyId, String keys) {}

    static NpmDetails of(ReleaseView release, Supplier<Signer> signer) {
        var manifest = new Registered("", Optional.empty()).manifest(release);
        var unpacked = Unpacked.of(release.facts().notes());
        var tarball = Registered.tarball(release);
        return new NpmDetails(
                manifest.path("engines")
                        .propertyStream()
                        .map(engine -> PlainText.line(
                                engine.getKey() + " " + engine.getValue().asText("")))
                        .toList(),
                manifest.path("bin")
                        .propertyStream()
                        .map(command -> PlainText.line(command.getKey()))
                        .toList(),
                unpacked.bytes(),
                unpacked.files(),
                scripts(manifest, Registered.INSTALL_SCRIPTS::contains),
                scripts(manifest, name -> !Registered.INSTALL_SCRIPTS.contains(name)),
                PlainText.line(manifest.path(manifest.has("types") ? "types" : "typings")
                        .asText("")),
                manifest.path("type").asText("").equals("module"),
                PlainText.line(manifest.path("deprecated").asText("")),
                tarball.flatMap(Artifact::sha512).map(_ -> signed(release, signer.get())),
                tarball.flatMap(Artifact::attested)
                        .map(Attestation.Summary::says)
                        .orElse(List.of()));
    }

    /** In the order in which npm runs them. */
    static List<Script> installScripts(ReleaseView release) {
        var manifest = new Registered("", Optional.empty()).manifest(release);
        return scripts(manifest, Registered.INSTALL_SCRIPTS::contains).stream()
                .sorted(Comparator.comparingInt(script -> Registered.INSTALL_SCRIPTS.indexOf(script.name())))
                .toList();
    }

    private static List<Script> scripts(ObjectNode manifest, Predicate<String> wanted) {
        return manifest.path("scripts")
                .propertyStream()
                .filter(script -> wanted.test(script.getKey()))
                .map(script -> new Script(
                        PlainText.line(script.getKey()),
                        PlainText.line(script.getValue().asText(""))))
                .limit(MOST_SCRIPTS)
                .toList();
    }

    private static Signed signed(ReleaseView release, Signer signer) {
        return new Signed(
                new Signing(signer).keyId(),
                release.baseUrl() + "/registry/" + release.cache() + "/npm/-/" + Signing.KEYS);
    }
}
