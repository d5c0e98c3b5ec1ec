package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.ecosystem.PlainText;
import dev.narthex.spi.Attestation;
import java.util.List;

/**
 * What only npm says of a release.
 *
 * @param engines such as {@code node >=18}
 * @param commands that it installs
 * @param installScripts names of scripts that run when it is installed
 * @param types file with its TypeScript declarations, as its manifest says; may be empty
 * @param modules whether its files are ECMAScript modules unless they say otherwise
 * @param deprecated the reason, empty if it is not
 * @param provenance what its builder signed about it; empty if nothing is recorded
 */
public record NpmDetails(
        List<String> engines,
        List<String> commands,
        List<String> installScripts,
        String types,
        boolean modules,
        String deprecated,
        List<Attestation.Line> provenance) {
    public NpmDetails {
        engines = List.copyOf(engines);
        commands = List.copyOf(commands);
        installScripts = List.copyOf(installScripts);
        provenance = List.copyOf(provenance);
    }

    /** @param manifest as the registry gives it */
    static NpmDetails of(ObjectNode manifest, List<Attestation.Line> provenance) {
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
                Registered.INSTALL_SCRIPTS.stream()
                        .filter(manifest.path("scripts")::has)
                        .toList(),
                PlainText.line(manifest.path(manifest.has("types") ? "types" : "typings")
                        .asText("")),
                manifest.path("type").asText("").equals("module"),
                PlainText.line(manifest.path("deprecated").asText("")),
                provenance);
    }
}
