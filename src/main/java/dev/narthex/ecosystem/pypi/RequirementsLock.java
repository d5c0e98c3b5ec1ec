package dev.narthex.ecosystem.pypi;

import dev.narthex.ecosystem.LockfileError;
import dev.narthex.ecosystem.LockfileLineReader;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.LockfileVisitor;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads {@code requirements.txt} with hashes, as written by pip-compile, uv, pdm and poetry (pip.pypa.io, "Requirements File
 * Format"). Joins lines and removes comments like pip (pypa/pip src/pip/_internal/req/req_file.py). Does not expand environment
 * variables and does not read other requirements files.
 */
final class RequirementsLock {
    private static final String FORMAT = "requirements.txt";
    private static final int MAX_LINE_LENGTH = 64 << 10;
    private static final int MAX_LENGTH = 256 << 10;
    private static final Pattern OTHER_LIST = Pattern.compile("(-r|--requirement)\\b.*+");
    private static final Pattern EDITABLE = Pattern.compile("(-e|--editable)\\b.*+");

    private final LockfileLineReader in;
    private final LockfileVisitor visitor;
    private int line;
    private boolean hashed;

    RequirementsLock(BufferedReader in, LockfileVisitor visitor) {
        this.in = new LockfileLineReader(in, FORMAT, MAX_LINE_LENGTH);
        this.visitor = visitor;
    }

    void read() throws IOException {
        for (var text = logicalLine(); text.isPresent(); text = logicalLine()) {
            var plain = withoutComment(text.get());
            if (!plain.isEmpty()) {
                line(plain);
            }
        }
        if (!hashed) {
            throw problem(
                    "",
                    "it contains no hashes, such as pip-compile --generate-hashes writes; supported lockfiles: "
                            + PypiLock.FORMATS + ".");
        }
        visitor.format(FORMAT);
    }

    /** Joins a line with its continuation lines. A comment ends a continuation. */
    private Optional<String> logicalLine() throws IOException {
        var text = new StringBuilder();
        var next = in.next();
        line = in.number();
        boolean any = next.isPresent();
        while (next.isPresent()) {
            var one = next.get();
            boolean comment = one.stripLeading().startsWith("#");
            if (comment || !one.endsWith("\\")) {
                text.append(comment ? " " : "").append(one);
                break;
            }
            text.append(one, 0, one.length() - 1);
            if (text.length() > MAX_LENGTH) {
                throw problem("", "a requirement may have " + MAX_LENGTH + " characters.");
            }
            next = in.next();
        }
        return Optional.of(text.toString()).filter(t -> any);
    }

    /** A hash sign at the beginning of a word starts a comment; within a URL it starts the fragment. */
    private static String withoutComment(String text) {
        int hash = text.indexOf('#');
        while (hash > 0 && !Character.isWhitespace(text.charAt(hash - 1))) {
            hash = text.indexOf('#', hash + 1);
        }
        return (hash < 0 ? text : text.substring(0, hash)).strip();
    }

    private void line(String text) {
        if (OTHER_LIST.matcher(text).matches()) {
            visitor.skip(text, "refers to another file, which was not sent");
        } else if (EDITABLE.matcher(text).matches()) {
            visitor.skip(text, "is a folder of the project or a repository");
        } else if (!text.startsWith("-")) {
            var requirement = LockedRequirement.parse(text)
                    .orElseThrow(() -> problem(
                            text,
                            "this is not a requirement such as name==1.0 --hash=sha256:…; supported lockfiles: "
                                    + PypiLock.FORMATS + "."));
            hashed |= requirement.hasHashes();
            requirement.report(visitor, this::problem);
        }
    }

    private ProblemException problem(String given, String hint) {
        return LockfileError.of(FORMAT, line, "", given, hint);
    }
}
