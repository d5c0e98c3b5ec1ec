package dev.narthex.spi;

import dev.narthex.nix.NixHash;
import java.util.List;
import java.util.Optional;

/**
 * Where a file is to be published, as it is at this moment and stays until the file stands there. By it an ecosystem refuses
 * in the words that its clients know; what must never be is refused behind it all the same.
 *
 * @param taken SHA-256 of what is served under the name of the file
 * @param removed SHA-256 of what was served under that name before it was removed for good
 * @param others names of the files that the release serves besides
 * @param similar of a package that is not here yet: name of one that readers would take it for
 */
public record Place(Optional<NixHash> taken, Optional<NixHash> removed, List<String> others, Optional<String> similar) {
    public Place {
        others = List.copyOf(others);
    }

    /** Whether other bytes than these stand under the name. */
    public boolean takenByOthers(NixHash sha256) {
        return taken.filter(had -> !had.equals(sha256)).isPresent();
    }

    /** Whether the name was promised for other bytes than these, which were removed. */
    public boolean keptForOthers(NixHash sha256) {
        return removed.filter(had -> !had.equals(sha256)).isPresent();
    }
}
