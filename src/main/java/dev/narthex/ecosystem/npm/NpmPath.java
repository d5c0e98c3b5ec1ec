package dev.narthex.ecosystem.npm;

import java.util.List;
import java.util.Optional;

/**
 * A parsed URL path below the registry. Scoped names arrive as {@code @s/n}, {@code @s%2fn}, {@code @s%2Fn} and {@code %40s%2fn},
 * depending on the client and on whether Narthex wrote the link.
 */
sealed interface NpmPath {
    record Packument(NpmName name) implements NpmPath {}

    /** @param version or dist-tag */
    record Manifest(NpmName name, String version) implements NpmPath {}

    record Tarball(NpmName name, String filename) implements NpmPath {}

    /** @param subject requested aspect of the package, such as {@code dist-tags}, {@code visibility} or {@code collaborators} */
    record PackageAspect(NpmName name, String subject) implements NpmPath {}

    record Tag(NpmName name, String tag) implements NpmPath {}

    /** A package to be changed, with the revision that the client read. */
    record Revision(NpmName name, String revision) implements NpmPath {}

    /** A tarball to be removed, with the revision that the client read. */
    record TarballRevision(NpmName name, String filename, String revision) implements NpmPath {}

    /** The attestations of a version. */
    record VersionAttestations(NpmName name, String version) implements NpmPath {}

    /** A route of the registry itself, such as {@code ping} or {@code v1/search}; empty for its root. */
    record Service(String route) implements NpmPath {}

    /** @param segments each decoded separately */
    static Optional<NpmPath> parse(List<String> segments) {
        if (segments.isEmpty()) {
            return Optional.of(new Service(""));
        }
        if (segments.getFirst().equals("-")) {
            return service(segments.subList(1, segments.size()));
        }
        return NameAndRest.parse(segments).flatMap(NpmPath::ofPackage);
    }

    private static Optional<NpmPath> service(List<String> segments) {
        if (segments.isEmpty()) {
            return Optional.empty();
        }
        if (segments.size() > 1 && segments.getFirst().equals("package")) {
            return NameAndRest.parse(segments.subList(1, segments.size())).flatMap(NpmPath::parsePackage);
        }
        var route = String.join("/", segments);
        return route.startsWith(RegistryManifest.ATTESTATIONS)
                ? parseAttestation(route.substring(RegistryManifest.ATTESTATIONS.length()))
                : Optional.of(new Service(route));
    }

    /** @param subject package name, at sign and version */
    private static Optional<NpmPath> parseAttestation(String subject) {
        int at = subject.lastIndexOf('@');
        return at < 1
                ? Optional.empty()
                : NpmName.parse(subject.substring(0, at))
                        .map(name -> new VersionAttestations(name, subject.substring(at + 1)));
    }

    private static Optional<NpmPath> parsePackage(NameAndRest path) {
        var rest = path.rest;
        return switch (rest.size()) {
            case 1 -> Optional.of(new PackageAspect(path.name, rest.getFirst()));
            case 2 ->
                rest.getFirst().equals("dist-tags") ? Optional.of(new Tag(path.name, rest.get(1))) : Optional.empty();
            default -> Optional.empty();
        };
    }

    private static Optional<NpmPath> ofPackage(NameAndRest path) {
        var rest = path.rest;
        if (rest.isEmpty()) {
            return Optional.of(new Packument(path.name));
        }
        if (rest.size() == 1) {
            return Optional.of(new Manifest(path.name, rest.getFirst()));
        }
        if (rest.get(rest.size() - 2).equals("-rev")) {
            return revision(path, rest.getLast());
        }
        // npm publish writes "/-/@s/n-1.0.0.tgz" into its document, and old lockfiles contain it: the last segment is
        // the file
        // name.
        boolean tarball = rest.getFirst().equals("-") && rest.size() <= 3;
        var file = rest.getLast();
        return tarball
                ? Optional.of(new Tarball(path.name, file.substring(file.lastIndexOf('/') + 1)))
                : Optional.empty();
    }

    private static Optional<NpmPath> revision(NameAndRest path, String revision) {
        var rest = path.rest;
        if (rest.size() == 2) {
            return Optional.of(new Revision(path.name, revision));
        }
        var file = rest.get(rest.size() - 3);
        return rest.getFirst().equals("-") && rest.size() <= 5
                ? Optional.of(new TarballRevision(path.name, file.substring(file.lastIndexOf('/') + 1), revision))
                : Optional.empty();
    }

    /** A package name, in one or two segments, and the remaining segments. */
    record NameAndRest(NpmName name, List<String> rest) {
        static Optional<NameAndRest> parse(List<String> segments) {
            var first = segments.getFirst();
            boolean two = first.startsWith("@") && first.indexOf('/') < 0 && segments.size() > 1;
            var name = two ? first + "/" + segments.get(1) : first;
            return NpmName.parse(name).map(n -> new NameAndRest(n, segments.subList(two ? 2 : 1, segments.size())));
        }
    }
}
