package dev.narthex.catalog.release;

import dev.narthex.catalog.path.PathRelease;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * The other releases of the same project, see {@link SameProjectSql}.
 *
 * @param others ordered by ecosystem and name
 * @param flaws known vulnerabilities of any of them
 */
public record RelatedProject(List<PathRelease> others, List<String> flaws) {
    private static final int MAX_PROJECTS = 100;

    /** Returns the known vulnerabilities of the release: its own, and those reported for others of the project. */
    public List<String> vulnerabilitiesWith(Collection<String> own) {
        return Stream.concat(own.stream(), flaws.stream())
                .distinct()
                .sorted()
                .limit(MAX_PROJECTS)
                .toList();
    }
}
