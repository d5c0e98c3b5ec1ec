package dev.narthex.ecosystem.npm;

import dev.narthex.spi.LockfileVisitor;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * Reads {@code pnpm-lock.yaml} of lockfileVersion 6 (pnpm 8) and 9 (pnpm 9 and later): packages by name and version, with a hash
 * and, unless they come from the registry, a URL (pnpm/spec lockfile/6.0.md, 9.0.md). A document about pnpm itself may precede
 * the lockfile.
 */
final class PnpmLock {
    static final String FORMAT = "pnpm-lock.yaml";

    private final LockfileTreeReader in;
    private final LockfileVisitor visitor;
    private final Set<String> keys = new HashSet<>();

    PnpmLock(LockfileTreeReader in, LockfileVisitor visitor) {
        this.in = in;
        this.visitor = visitor;
    }

    void read() throws IOException {
        while (in.next()) {
            document();
        }
    }

    private void document() throws IOException {
        var version = new StringBuilder();
        in.members("", member -> {
            switch (member) {
                case "lockfileVersion" -> version.append(in.text(member));
                case "packages" -> in.members(member, key -> new Package(key).read());
                default -> {}
            }
        });
        if (!version.toString().matches("[69](\\.[0-9]{1,9})?")) {
            throw in.problem(
                    "lockfileVersion",
                    version.toString(),
                    "versions 6 and 9 are supported; pnpm install --lockfile-only of pnpm 8 or later writes such a lockfile.");
        }
        visitor.format(FORMAT + " v" + version);
    }

    private final class Package {
        private final String key;
        private String name = "";
        private String version = "";
        private String integrity = "";
        private int line;
        private String resolved = "";

        Package(String key) {
            this.key = key;
        }

        void read() throws IOException {
            in.members("packages." + key, member -> {
                switch (member) {
                    case "name" -> name = in.text(location(member));
                    case "version" -> version = in.text(location(member));
                    case "resolution" -> in.members(location(member), this::resolution);
                    default -> {}
                }
            });
            // several documents may contain the same package
            if (keys.add(key)) {
                entry().report(visitor, (member, given, hint) -> in.problem(line, location(member), given, hint));
            }
        }

        private void resolution(String member) throws IOException {
            switch (member) {
                case "integrity" -> {
                    integrity = in.text(location(member));
                    line = in.line();
                }
                case "tarball" -> resolved = in.text(location(member));
                case "directory" -> resolved = "file:" + in.text(location(member));
                case "repo" -> resolved = "git:" + in.text(location(member));
                default -> {}
            }
        }

        /** Parses {@code /@scope/name@1.0.0(peer@2.0.0)}; the leading slash exists only before version 9. */
        private LockEntry entry() {
            var plain = key.startsWith("/") ? key.substring(1) : key;
            int peers = plain.indexOf('(');
            var spec = peers < 0 ? plain : plain.substring(0, peers);
            int at = spec.indexOf('@', 1);
            var called = name.isEmpty() && at > 0 ? spec.substring(0, at) : name;
            var numbered = version.isEmpty() && at > 0 ? spec.substring(at + 1) : version;
            return new LockEntry(key, called, numbered, integrity, resolved);
        }

        private String location(String member) {
            return "packages." + key + "." + member;
        }
    }
}
