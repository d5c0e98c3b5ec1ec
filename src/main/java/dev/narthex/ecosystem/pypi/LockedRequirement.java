package dev.narthex.ecosystem.pypi;

import dev.narthex.ecosystem.pypi.LockedDistributions.ErrorFactory;
import dev.narthex.ecosystem.pypi.LockedDistributions.FileReference;
import dev.narthex.spi.LockfileVisitor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A requirement in a requirements file (PEP 508), with its hashes, any one of which the file may have.
 *
 * @param text requirement as written, without its options
 * @param name empty if only a URL or path is given
 * @param version the pinned version; empty if it is not pinned
 * @param address URL or path of the file; empty if it comes from an index
 * @param hashes such as {@code sha256:} and hexadecimal digits
 */
record LockedRequirement(String text, String name, String version, String address, List<String> hashes) {
    private static final Pattern ADDRESS = Pattern.compile("(?i)[a-z][a-z0-9+.-]*+:.*+|[./].*+");
    private static final Pattern NAMED =
            Pattern.compile("([A-Za-z0-9][A-Za-z0-9._-]*+)\\s*+(?:\\[[^\\]]*+\\]\\s*+)?+([@=<>!~(;].*+)?+");
    private static final Pattern PINNED = Pattern.compile("\\(?\\s*+===?\\s*+([^\\s,;*()]++)\\s*+\\)?\\s*+(;.*+)?");
    private static final Pattern ARCHIVE = Pattern.compile("[\\w.+!-]*\\.(?:whl|zip|tar\\.gz|tar\\.bz2|tgz)");
    private static final Pattern REPOSITORY = Pattern.compile("(?:git|hg|svn|bzr)\\+.*+");
    private static final Pattern FRAGMENT = Pattern.compile("(?:.*&)?(sha256|sha512)=([0-9a-fA-F]++)(?:&.*+)?");

    /** Returns empty if the line is not a requirement. */
    static Optional<LockedRequirement> parse(String line) {
        var words = List.of(line.split("\\s+"));
        int options = 0;
        while (options < words.size() && !words.get(options).startsWith("-")) {
            options++;
        }
        var text = String.join(" ", words.subList(0, options));
        return parse(text, hashes(words.subList(options, words.size())));
    }

    private static Optional<LockedRequirement> parse(String text, List<String> hashes) {
        var m = NAMED.matcher(text);
        if (ADDRESS.matcher(text).matches() || ARCHIVE.matcher(text).matches()) {
            return Optional.of(new LockedRequirement(text, "", "", firstWord(text), hashes));
        }
        if (!m.matches() || !ProjectName.valid(m.group(1))) {
            return Optional.empty();
        }
        var rest = Optional.ofNullable(m.group(2)).orElse("");
        if (rest.startsWith("@")) {
            return Optional.of(new LockedRequirement(
                    text, m.group(1), "", firstWord(rest.substring(1).strip()), hashes));
        }
        var pinned = PINNED.matcher(rest);
        return Optional.of(
                new LockedRequirement(text, m.group(1), pinned.matches() ? pinned.group(1) : "", "", hashes));
    }

    private static String firstWord(String text) {
        return text.split(" ", 2)[0];
    }

    private static List<String> hashes(List<String> options) {
        var hashes = new ArrayList<String>();
        for (int i = 0; i < options.size(); i++) {
            var option = options.get(i);
            if (option.startsWith("--hash=")) {
                hashes.add(unquote(option.substring("--hash=".length())));
            } else if (option.equals("--hash") && i + 1 < options.size()) {
                hashes.add(unquote(options.get(++i)));
            }
        }
        return hashes;
    }

    private static String unquote(String word) {
        return word.replaceAll("^([\"'])(.*)\\1$", "$2");
    }

    boolean hasHashes() {
        return !known().isEmpty();
    }

    /** Returns the hashes, or the one in the URL's fragment. */
    private List<String> known() {
        var fragment = FRAGMENT.matcher(address.substring(address.indexOf('#') + 1));
        return hashes.isEmpty() && address.contains("#") && fragment.matches()
                ? List.of(fragment.group(1) + ":" + fragment.group(2))
                : hashes;
    }

    void report(LockfileVisitor visitor, ErrorFactory errorFactory) {
        var reason = refusalReason();
        if (reason.isPresent()) {
            visitor.skip(text, reason.get());
            return;
        }
        var files =
                new LockedDistributions(name.isEmpty() ? new FileReference("", address, "").project() : name, version);
        known().forEach(hash -> files.add(new FileReference("", address, hash), errorFactory));
        files.report(visitor);
    }

    private Optional<String> refusalReason() {
        var lower = address.toLowerCase(Locale.ROOT);
        if (REPOSITORY.matcher(lower).matches()) {
            return Optional.of("is a repository dependency, for which there is no hash");
        }
        if (!hasHashes()) {
            boolean local = !lower.isEmpty() && !lower.startsWith("http://") && !lower.startsWith("https://");
            return Optional.of(local ? "is a file or folder of the project" : "has no hash in the lock");
        }
        return Optional.of("is not pinned to one version by ==").filter(r -> address.isEmpty() && version.isEmpty());
    }
}
