package dev.narthex.web.view;

import dev.narthex.web.view.ClosureSizeView.Bar;
import java.util.List;

/**
 * The disk space needed to install a release: its own files, and those of the releases that its dependencies resolve to in this
 * cache.
 *
 * @param size size of the releases that are here, in bytes; the total install size if {@link #known}
 * @param dependencies number of releases besides the release itself
 * @param parts the largest releases, largest first; always includes the release itself
 * @param others number of releases not in {@code parts}
 * @param missing dependencies that are not in this cache
 * @param uncounted number of releases with unknown size
 * @param optional number of optional dependencies, which are installed on matching systems only
 * @param optionalSize size of the optional dependencies, in bytes
 * @param beside names of packages that the user must install separately
 * @param complete false if there are more dependencies than the limit
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

    /** @param range version range, as declared; empty for any version */
    public record Missing(String name, String range) {}

    public boolean known() {
        return complete && missing.isEmpty() && uncounted == 0;
    }

    public List<String> steps() {
        return ClosureSizeView.steps(parts.stream().map(Part::own).toList());
    }

    public List<Bar> bars() {
        return ClosureSizeView.bars(size, parts.stream().map(Part::size).toList(), steps(), othersSize);
    }
}
