package dev.narthex.ecosystem.support;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * All known kinds of hostile trees, with the expected report: each package is "offered", or has a reason why not. Each tree
 * also contains a valid package, which must be offered.
 */
public final class HostileTreesFixture {
    /**
     * @param trap what is hostile about the tree
     * @param told in the order of the ecosystems' ids, then of the tree
     */
    public record Row(String trap, UnaryOperator<StorePathFixture> change, List<String> told) {
        /** With the valid package. */
        public NarCandidate tree() {
            var planted = new StorePathFixture()
                    .file(HostileTreeRows.NPM + "wick/package.json", HostileTreeRows.json("wick", "1.0.0"))
                    .file(HostileTreeRows.NPM + "wick/index.js", "module.exports = 1\n");
            return change.apply(planted).path("lantern-3.2.1");
        }

        @Override
        public String toString() {
            return trap;
        }
    }

    private HostileTreesFixture() {}

    public static List<Row> all() {
        var rows = new ArrayList<>(HostileNpmTreesFixture.all());
        rows.addAll(HostilePypiTreesFixture.all());
        return rows;
    }
}
