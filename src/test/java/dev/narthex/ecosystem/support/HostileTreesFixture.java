package dev.narthex.ecosystem.support;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Every way that is known to us in which a tree is not what it should be, and what is told of it: each package with
 * "offered", or with the reason why not. Beside each trap stands an honest package that must be offered all the same.
 */
public final class HostileTreesFixture {
    /**
     * @param trap what is wrong with it
     * @param told in the order of the ecosystems' ids, then of the tree
     */
    public record Row(String trap, UnaryOperator<StorePathFixture> change, List<String> told) {
        /** With the honest package beside it. */
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
