package dev.narthex.ecosystem.pypi;

import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.LockedFile;
import dev.narthex.spi.LockfileVisitor;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The files of one package in a lockfile, of which an installer uses one. Missing values are empty. */
final class LockedDistributions {
    /** Hashes that installers accept (pypa/pip src/pip/_internal/utils/hashes.py) and that can identify a store path. */
    private static final Pattern HASH = Pattern.compile("sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}");

    private static final Pattern OTHER =
            Pattern.compile("(?!sha256:|sha512:)[a-z][a-z0-9_]{0,20}:(?:[0-9a-f]{2}){1,64}");

    private final String name;
    private final String version;
    private final List<LockedFile> files = new ArrayList<>();
    private String otherwise = "has no files in the lock";

    LockedDistributions(String name, String version) {
        this.name = name;
        this.version = version;
    }

    /**
     * A file as a lockfile describes it.
     *
     * @param filename if empty, the last segment of the URL is used; if that is empty too, only the hash is known
     * @param address a URL or a path
     * @param hash such as {@code sha256:} and hexadecimal digits
     */
    record FileReference(String filename, String address, String hash) {
        /** Returns the project name from the file name. */
        String project() {
            return DistributionName.parse(name()).map(DistributionName::project).orElse(address);
        }

        private Optional<String> url() {
            var lower = address.toLowerCase(Locale.ROOT);
            return Optional.of(address).filter(a -> lower.startsWith("http://") || lower.startsWith("https://"));
        }

        private String name() {
            if (!filename.isEmpty()) {
                return filename;
            }
            var path = address.replaceFirst("[?#].*", "");
            var last = path.substring(path.lastIndexOf('/') + 1);
            try {
                // a plus in a path is not an encoded space
                return URLDecoder.decode(last.replace("+", "%2B"), StandardCharsets.UTF_8);
            } catch (IllegalArgumentException e) {
                return last;
            }
        }
    }

    /** Creates an exception with the position of the hash in its lockfile. */
    interface ErrorFactory {
        ProblemException of(String given, String hint);
    }

    void add(FileReference told, ErrorFactory errorFactory) {
        var hash = told.hash.toLowerCase(Locale.ROOT);
        var filename = Optional.of(told.name()).filter(n -> !n.isEmpty() || !told.address.isEmpty());
        if (hash.isEmpty()) {
            otherwise = "has no hash in the lock";
        } else if (OTHER.matcher(hash).matches()) {
            otherwise = "has only a hash that does not determine a store path";
        } else if (!HASH.matcher(hash).matches()) {
            throw errorFactory.of(told.hash, "this is no hash; expected sha256: or sha512: and hexadecimal digits.");
        } else if (filename.isPresent() && !StorePath.isName(filename.get())) {
            otherwise = "has no name that a store path can have";
        } else {
            files.add(file(filename, NixHash.parse(hash), told.url()));
        }
    }

    /** @param reason why it has no files: a sentence without its subject and period */
    void skip(String reason, LockfileVisitor visitor) {
        visitor.skip(label(), reason);
    }

    void report(LockfileVisitor visitor) {
        if (files.isEmpty()) {
            skip(otherwise, visitor);
        } else {
            visitor.choice(files);
        }
    }

    /** If the lockfile has no version but a URL, the version is taken from the file name. */
    private LockedFile file(Optional<String> filename, NixHash hash, Optional<String> url) {
        var numbered = Optional.of(version)
                .filter(v -> !v.isEmpty())
                .or(() -> filename.flatMap(DistributionName::parse).map(DistributionName::version));
        return new LockedFile(label(), name, numbered.orElse(""), filename, hash, url);
    }

    private String label() {
        return version.isEmpty() ? name : name + "==" + version;
    }
}
