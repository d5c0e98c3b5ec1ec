package dev.narthex.ecosystem.npm;

import java.util.List;

/**
 * What only npm says of a release.
 *
 * @param engines such as {@code node >=18}
 * @param commands that it installs
 * @param installScripts names of scripts that run when it is installed
 * @param deprecated the reason, empty if it is not
 */
public record NpmDetails(List<String> engines, List<String> commands, List<String> installScripts, String deprecated) {
    public NpmDetails {
        engines = List.copyOf(engines);
        commands = List.copyOf(commands);
        installScripts = List.copyOf(installScripts);
    }
}
