package dev.narthex.ecosystem.npm;

import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.LockedFile;
import dev.narthex.spi.LockfileVisitor;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A dependency in a lockfile. Fields that the lockfile omits are empty.
 *
 * @param name of the package, even if the project uses an alias
 * @param resolved a URL, or a directory of the project
 */
record LockEntry(String key, String name, String version, String integrity, String resolved) {
    private static final int MAX_INTEGRITY_LENGTH = 2048;
    private static final Pattern GIT =
            Pattern.compile("(git|github|gitlab|bitbucket|gist|ssh)(\\+[a-z]+)?:.*|.*\\.git");

    /** Creates an exception with the position of the entry in its lockfile. */
    interface ErrorFactory {
        ProblemException of(String member, String given, String hint);
    }

    /** Returns the tarball's file name in the registry; empty if name or version is not valid there. */
    static Optional<String> tarball(String name, String version) {
        return NpmName.parse(name).flatMap(n -> NpmVersion.parse(version).map(v -> n.tarball(v.toString())));
    }

    void report(LockfileVisitor visitor, ErrorFactory errorFactory) {
        var reason = refusalReason();
        if (reason.isPresent()) {
            visitor.skip(key, reason.get());
            return;
        }
        if (integrity.length() > MAX_INTEGRITY_LENGTH) {
            throw errorFactory.of("integrity", integrity, "it may have " + MAX_INTEGRITY_LENGTH + " characters.");
        }
        var hash = hash();
        if (hash.isPresent()) {
            file(hash.get())
                    .ifPresentOrElse(visitor::add, () -> visitor.skip(key, "has no name that a store path can have"));
        } else if (integrity.isBlank()) {
            visitor.skip(key, "has no hash in the lock");
        } else if (Integrity.parse(integrity).others()) {
            visitor.skip(key, "has only a hash that does not determine a store path");
        } else {
            throw errorFactory.of(
                    "integrity", integrity, "this is no hash; expected sha512-, sha256- or sha1- and base64.");
        }
    }

    /** Returns why this is not a file with a fixed hash, judging by its location; empty if it may be one. */
    private Optional<String> refusalReason() {
        var address = address();
        var lower = address.toLowerCase(Locale.ROOT);
        if (GIT.matcher(lower).matches()) {
            return Optional.of("is a git dependency, for which npm records no hash");
        }
        boolean web = lower.startsWith("http://") || lower.startsWith("https://");
        return address.isEmpty() || web ? Optional.empty() : Optional.of("is a file or folder of the project");
    }

    private Optional<NixHash> hash() {
        var fragment = resolved.substring(Math.min(address().length() + 1, resolved.length()));
        return integrity.isBlank()
                ? Integrity.ofFragment(fragment)
                : Integrity.parse(integrity).strongest();
    }

    private Optional<LockedFile> file(NixHash hash) {
        var address = Optional.of(address()).filter(given -> !given.isEmpty());
        return address.map(given -> given.substring(given.lastIndexOf('/') + 1))
                .filter(StorePath::isName)
                .or(() -> tarball(name, version).filter(StorePath::isName))
                .map(filename -> new LockedFile(key, name, version, Optional.of(filename), hash, address));
    }

    /** Returns the location without the fragment that yarn appends. */
    private String address() {
        int hash = resolved.indexOf('#');
        return hash < 0 ? resolved : resolved.substring(0, hash);
    }
}
