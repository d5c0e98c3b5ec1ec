package dev.narthex.ecosystem.pypi;

import dev.narthex.http.RawPathSegments;
import java.util.Optional;

/** A parsed URL path below the index. */
sealed interface PypiPath {
    /** Suffixes of the URLs that belong to a file. */
    String METADATA = ".metadata";

    String PROVENANCE = ".provenance";

    /** The registry itself. */
    record Home() implements PypiPath {}

    /** @param slash whether the URL ends in a slash, as page URLs do */
    record Projects(boolean slash) implements PypiPath {}

    /** @param name as requested, possibly not normalized */
    record Project(String name, boolean slash) implements PypiPath {}

    /**
     * A file, its metadata or its provenance.
     *
     * @param sha256 of the file, in hex: the content of this URL never changes
     */
    record File(String project, String sha256, String filename) implements PypiPath {}

    /**
     * The legacy JSON.
     *
     * @param version empty for the newest
     */
    record LegacyJsonPage(String name, Optional<String> version) implements PypiPath {}

    /**
     * A file by its name alone, as in mirrors of PyPI: {@code packages/source/l/lantern/lantern-1.0.tar.gz}.
     *
     * @param project normalized
     */
    record MirrorFile(String project, String filename) implements PypiPath {}

    static Optional<PypiPath> parse(RawPathSegments path) {
        var at = path.segments();
        if (at.isEmpty()) {
            return Optional.of(new Home());
        }
        boolean simple = at.getFirst().equals("simple");
        if (simple && at.size() == 1) {
            return Optional.of(new Projects(path.slash()));
        }
        if (simple && at.size() == 2 && ProjectName.valid(at.get(1))) {
            return Optional.of(new Project(at.get(1), path.slash()));
        }
        boolean legacy =
                at.getFirst().equals("pypi") && at.getLast().equals("json") && at.size() >= 3 && at.size() <= 4;
        if (legacy && ProjectName.valid(at.get(1))) {
            return Optional.of(
                    new LegacyJsonPage(at.get(1), at.size() == 3 ? Optional.empty() : Optional.of(at.get(2))));
        }
        if (at.getFirst().equals("packages") && at.size() == 5 && ProjectName.valid(at.get(3))) {
            return Optional.of(new MirrorFile(ProjectName.normalize(at.get(3)), at.get(4)));
        }
        boolean file = at.getFirst().equals("files") && at.size() == 4 && ProjectName.valid(at.get(1));
        return file ? Optional.of(new File(ProjectName.normalize(at.get(1)), at.get(2), at.get(3))) : Optional.empty();
    }
}
