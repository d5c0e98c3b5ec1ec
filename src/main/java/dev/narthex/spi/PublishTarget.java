package dev.narthex.spi;

import dev.narthex.nix.NixHash;
import java.util.List;
import java.util.Optional;

/**
 * State of the name that a file is to be published under; it cannot change until the file is published. An ecosystem can use it
 * to refuse a file with an error that its clients understand. Conflicts that it does not refuse are refused later anyway.
 *
 * @param taken SHA-256 of the file that has this name now
 * @param removed SHA-256 of the file that had this name and was removed permanently
 * @param others names of the other files of the release
 * @param similar name of an existing package that readers could confuse with this one, if this package is new
 */
public record PublishTarget(
        Optional<NixHash> taken, Optional<NixHash> removed, List<String> others, Optional<String> similar) {
    public PublishTarget {
        others = List.copyOf(others);
    }

    /** Whether a file with other bytes has this name. */
    public boolean takenByOthers(NixHash sha256) {
        return taken.filter(existing -> !existing.equals(sha256)).isPresent();
    }

    /** Whether the name is reserved for other bytes, which were promised and then removed. */
    public boolean keptForOthers(NixHash sha256) {
        return removed.filter(existing -> !existing.equals(sha256)).isPresent();
    }
}
