package dev.narthex.web.diff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.catalog.path.Closure;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.Cache;
import dev.narthex.web.view.DiffView.ClosureChanges;
import dev.narthex.web.view.DiffView.PackageChange;
import dev.narthex.web.view.DiffView.Version;
import dev.narthex.web.view.DiffView.Versions;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClosureDiffTest {
    private static final Cache CACHE = new Cache(1, 1, "orchard", "", true, 40, true);

    private static Closure.Node node(char hash, String name, long size) {
        return new Closure.Node(new StorePath(String.valueOf(hash).repeat(32), name), size, List.of(), false);
    }

    private static Closure closure(Closure.Node... nodes) {
        long size = Arrays.stream(nodes).mapToLong(Closure.Node::narSize).sum();
        return new Closure(List.of(nodes), true, List.of(), size);
    }

    private static ClosureChanges changes(Closure a, Closure b) {
        return ClosureDiff.of(CACHE, a, CACHE, b);
    }

    private static List<String> versions(Versions versions) {
        return versions.paths().stream().map(Version::version).toList();
    }

    @Test
    void largestSizeChangesComeFirst() {
        var glibc = node('0', "glibc-2.40", 1000);
        var changes = changes(
                closure(glibc, node('1', "a-1", 10), node('2', "b-1", 500), node('3', "gone-1", 90)),
                closure(glibc, node('4', "a-2", 30), node('5', "b-2", 100), node('6', "new-1", 90)));
        assertEquals(
                List.of("b", "gone", "new", "a"),
                changes.changes().stream().map(PackageChange::name).toList());
        assertEquals(
                List.of(-400L, -90L, 90L, 20L),
                changes.changes().stream().map(PackageChange::narSize).toList());
        assertEquals(List.of(4, 1), List.of(changes.count(), changes.same()));
        assertEquals(-380, changes.narSize());
        assertEquals(List.of(), versions(changes.changes().get(2).a()));
    }

    @Test
    void pathsOfOneNameAreGroupedByVersion() {
        var changes = changes(
                closure(node('1', "openssl-3.10", 1), node('2', "openssl-3.9", 1), node('3', "openssl-3.9-bin", 1)),
                closure(node('4', "openssl-3.10", 2), node('2', "openssl-3.9", 1)));
        var openssl = changes.changes().getFirst();
        assertEquals(1, changes.count());
        assertEquals(List.of("3.9-bin", "3.10"), versions(openssl.a()));
        assertEquals(List.of("3.10"), versions(openssl.b()));
        assertEquals(0, openssl.narSize());
        assertFalse(openssl.rebuilt());
    }

    @Test
    void sameVersionAtAnotherPathIsRebuilt() {
        var changes = changes(closure(node('1', "hook.sh", 5)), closure(node('2', "hook.sh", 5)));
        assertTrue(changes.changes().getFirst().rebuilt());
        assertEquals(List.of(""), versions(changes.changes().getFirst().a()));
    }

    @Test
    void manyChangesAreCounted() {
        var sources = IntStream.range(0, 20)
                .mapToObj(i -> node("0123456789abcdfghijk".charAt(i), "source", 1))
                .toArray(Closure.Node[]::new);
        var one = changes(closure(), closure(sources)).changes().getFirst();
        assertEquals(20, one.b().count());
        assertEquals(8, one.b().paths().size());
        assertEquals(12, one.b().more());
        var packages = IntStream.range(0, 300)
                .mapToObj(i -> node('1', "package" + (char) ('a' + i % 26) + (char) ('a' + i / 26), 1))
                .toArray(Closure.Node[]::new);
        var many = changes(closure(packages), closure());
        assertEquals(
                List.of(300, 200, 100), List.of(many.count(), many.changes().size(), many.more()));
        assertEquals(-300, many.narSize());
    }
}
