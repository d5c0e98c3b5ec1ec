package dev.narthex.spi;

import dev.narthex.nix.StorePath;
import java.util.Optional;

/**
 * A command that a page offers to copy.
 *
 * @param door the client's name, such as "npm" or "Docker"
 * @param command as pasted into a shell; one line
 * @param note a sentence beside it; may be empty
 * @param limits a sentence on where the command does not work, such as on other systems; empty if it works everywhere
 * @param path that is fetched with its closure; empty if clients fetch files, and dependencies by what they declare
 */
public record InstallSnippet(String door, String command, String note, String limits, Optional<StorePath> path) {
    public InstallSnippet(String door, String command, String note) {
        this(door, command, note, "", Optional.empty());
    }
}
