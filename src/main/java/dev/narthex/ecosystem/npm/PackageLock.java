package dev.narthex.ecosystem.npm;

import dev.narthex.spi.LockfileVisitor;
import java.io.IOException;

/**
 * Reads {@code package-lock.json} and {@code npm-shrinkwrap.json} of lockfileVersion 2 and 3, which npm writes since version 7: a
 * flat object of directories (npm/cli docs/lib/content/configuring-npm/package-lock-json.md). Ignores the copy for older clients
 * in version 2.
 */
final class PackageLock {
    static final String FORMAT = "package-lock.json";

    private static final String FOLDER = "node_modules/";

    private final LockfileTreeReader in;
    private final LockfileVisitor visitor;
    private String version = "";
    private boolean packages;

    PackageLock(LockfileTreeReader in, LockfileVisitor visitor) {
        this.in = in;
        this.visitor = visitor;
    }

    void read() throws IOException {
        in.next();
        in.members("", member -> {
            switch (member) {
                case "lockfileVersion" -> version = in.text(member);
                case "packages" -> packages();
                default -> {}
            }
        });
        if (!version.equals("2") && !version.equals("3")) {
            throw in.problem(
                    "lockfileVersion",
                    version,
                    "versions 2 and 3 are supported; npm install --package-lock-only --lockfile-version 3 writes such a lockfile.");
        }
        if (!packages) {
            throw in.problem("packages", "", "the lock has none.");
        }
        if (in.next()) {
            throw in.problem("", "", "there is more data after the lockfile.");
        }
        visitor.format(FORMAT + " v" + version);
    }

    private void packages() throws IOException {
        packages = true;
        in.members("packages", key -> new Folder(key).read());
    }

    private final class Folder {
        private final String key;
        private String name = "";
        private String version = "";
        private String resolved = "";
        private String integrity = "";
        private int line;
        private boolean link;
        private boolean bundled;

        Folder(String key) {
            this.key = key;
        }

        void read() throws IOException {
            in.members("packages." + key, member -> {
                switch (member) {
                    case "name" -> name = in.text(location(member));
                    case "version" -> version = in.text(location(member));
                    case "resolved" -> resolved = in.text(location(member));
                    case "integrity" -> {
                        integrity = in.text(location(member));
                        line = in.line();
                    }
                    case "link" -> link = in.bool();
                    case "inBundle" -> bundled = in.bool();
                    default -> {}
                }
            });
            // the project itself has an empty key
            if (!key.isEmpty()) {
                report();
            }
        }

        private void report() {
            int last = key.lastIndexOf(FOLDER);
            if (link || last < 0) {
                visitor.skip(key, "is a folder of the project");
            } else if (bundled) {
                visitor.skip(key, "is in the tarball of the package that bundles it");
            } else {
                var called = name.isEmpty() ? key.substring(last + FOLDER.length()) : name;
                new LockEntry(key, called, version, integrity, resolved)
                        .report(visitor, (member, given, hint) -> in.problem(line, location(member), given, hint));
            }
        }

        private String location(String member) {
            return "packages." + key + "." + member;
        }
    }
}
