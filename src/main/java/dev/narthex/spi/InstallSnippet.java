package dev.narthex.spi;

import dev.narthex.nix.StorePath;
import java.util.Optional;

/**
 * A command that a page offers to copy.
 *
 * @param door name of the client, such as "npm" or "Docker"
 * @param command one line, to be pasted into a shell
 * @param note a sentence shown beside it; may be empty
 * @param limits a sentence about where the command does not work, such as on other systems; empty if it works everywhere
 * @param path store path that is fetched with its closure; empty if clients fetch files and resolve declared dependencies
 */
public record InstallSnippet(String door, String command, String note, String limits, Optional<StorePath> path) {
    public InstallSnippet(String door, String command, String note) {
        this(door, command, note, "", Optional.empty());
    }
}
