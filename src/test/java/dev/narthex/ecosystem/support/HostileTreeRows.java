package dev.narthex.ecosystem.support;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Rows about the trees of one ecosystem, and words that rows of all ecosystems share. */
abstract class HostileTreeRows {
    static final String NPM = "lib/node_modules/";
    static final String SITE = "lib/python3.13/site-packages/";
    static final String STORE = "/nix/store/" + NarCandidate.HASH;
    static final String NAMES_STORE = " names a path in /nix/store, which other machines do not have";
    static final String NATIVE = " is native code, built for one kind of system";
    static final String LEADS_OUT = " is a link that leads out of the package";
    static final String BOMB = "packed it has less than a 200th of its size, as only attacks have";

    final List<HostileTreesFixture.Row> rows = new ArrayList<>();

    static String json(String name, String version) {
        return "{\"name\":\"" + name + "\",\"version\":\"" + version + "\"}";
    }

    void row(String trap, UnaryOperator<StorePathFixture> change, String... told) {
        var all = new ArrayList<>(List.of(told));
        if (!all.contains("npm wick 1.0.0 offered")) {
            all.add("npm wick 1.0.0 offered");
        }
        all.removeIf(String::isEmpty);
        rows.add(new HostileTreesFixture.Row(trap, change, List.copyOf(all)));
    }
}
