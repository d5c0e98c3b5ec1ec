package dev.narthex.ecosystem.pypi;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The file name of a distribution: {@code lantern-3.2.1-py3-none-any.whl} (packaging.python.org, "Binary distribution format") or
 * {@code lantern-3.2.1.tar.gz} ("Source distribution format").
 *
 * @param project as in the file name, possibly not normalized
 * @param version as in the file name
 */
record DistributionName(String filename, boolean wheel, String project, String version) {
    private static final Pattern FILE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+!-]{0,253}");
    private static final Pattern BUILD = Pattern.compile("[0-9].*");
    private static final String WHL = ".whl";
    private static final String TAR_GZ = ".tar.gz";

    static Optional<DistributionName> parse(String filename) {
        if (!FILE.matcher(filename).matches()) {
            return Optional.empty();
        }
        if (filename.endsWith(WHL)) {
            return wheel(
                    filename,
                    filename.substring(0, filename.length() - WHL.length()).split("-", -1));
        }
        return filename.endsWith(TAR_GZ)
                ? sdist(filename, filename.substring(0, filename.length() - TAR_GZ.length()))
                : Optional.empty();
    }

    /** Whether the metadata has the same name and version, compared in normalized form. */
    boolean matches(CoreMetadata metadata) {
        return matches(metadata.name(), metadata.version());
    }

    boolean matches(String otherProject, String otherVersion) {
        return ProjectName.normalize(project).equals(ProjectName.normalize(otherProject))
                && PypiVersion.parse(otherVersion).isPresent()
                && Arrays.equals(PypiVersion.key(version), PypiVersion.key(otherVersion));
    }

    /** Whether both are the same source distribution with different spellings; wheels have only one spelling. */
    boolean isSameSdist(DistributionName other) {
        return !wheel && !other.wheel && matches(other.project, other.version);
    }

    private static Optional<DistributionName> wheel(String filename, String[] parts) {
        boolean tags = parts.length == 5
                || (parts.length == 6 && BUILD.matcher(parts[2]).matches());
        return tags ? valid(new DistributionName(filename, true, parts[0], parts[1])) : Optional.empty();
    }

    /** Splits at the last dash that is followed by a version: old names and versions may contain dashes. */
    private static Optional<DistributionName> sdist(String filename, String stem) {
        for (int dash = stem.lastIndexOf('-'); dash > 0; dash = stem.lastIndexOf('-', dash - 1)) {
            var name = valid(new DistributionName(filename, false, stem.substring(0, dash), stem.substring(dash + 1)));
            if (name.isPresent()) {
                return name;
            }
        }
        return Optional.empty();
    }

    private static Optional<DistributionName> valid(DistributionName name) {
        return Optional.of(name)
                .filter(n -> ProjectName.valid(n.project)
                        && PypiVersion.parse(n.version).isPresent());
    }
}
