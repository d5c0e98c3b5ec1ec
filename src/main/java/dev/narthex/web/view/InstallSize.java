package dev.narthex.web.view;

import dev.narthex.web.view.Weight.Bar;
import java.util.List;

/**
 * What installing a release puts on a disk: its own files, and those of what its dependencies resolve to in this cache.
 *
 * @param size of what is here and needed, in bytes; all there is to it if {@link #known}
 * @param dependencies how many releases that is beside the release itself
 * @param parts the heaviest, heaviest first; the release itself is always among them
 * @param others how many more there are
 * @param missing what is needed and not here
 * @param uncounted releases of them whose files nobody counted
 * @param optional how many further ones come along where they fit the system
 * @param optionalSize of these, in bytes
 * @param beside what whoever installs it brings himself
 * @param complete false if it declares more than is looked at
 */
public record InstallSize(
        long size,
        int dependencies,
        List<Part> parts,
        int others,
        long othersSize,
        List<Missing> missing,
        int uncounted,
        int optional,
        long optionalSize,
        List<String> beside,
        boolean complete) {
    public InstallSize {
        parts = List.copyOf(parts);
        missing = List.copyOf(missing);
        beside = List.copyOf(beside);
    }

    /** @param own whether this is the release itself */
    public record Part(String url, String name, String version, long size, boolean own) {}

    /** @param range as it was asked for; empty for any version */
    public record Missing(String name, String range) {}

    public boolean known() {
        return complete && missing.isEmpty() && uncounted == 0;
    }

    public List<String> steps() {
        return Weight.steps(parts.stream().map(Part::own).toList());
    }

    public List<Bar> bars() {
        return Weight.bars(size, parts.stream().map(Part::size).toList(), steps(), othersSize);
    }
}
