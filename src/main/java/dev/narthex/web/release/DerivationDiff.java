package dev.narthex.web.release;

import dev.narthex.catalog.path.Paths;
import dev.narthex.nix.Derivation;
import dev.narthex.nix.DrvName;
import dev.narthex.nix.StorePath;
import dev.narthex.nix.SurrogateEscapedText;
import dev.narthex.spi.Cache;
import dev.narthex.web.files.LineDiff;
import dev.narthex.web.page.Format;
import dev.narthex.web.view.DerivationChanges;
import dev.narthex.web.view.DerivationChanges.Input;
import dev.narthex.web.view.DerivationChanges.InputVersion;
import dev.narthex.web.view.DerivationChanges.Value;
import dev.narthex.web.view.Patch;
import dev.narthex.web.view.Urls;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Compares two derivations. Almost every value contains store paths whose hash parts change with any input, so values are compared
 * without hash parts. Inputs are compared by name.
 */
public final class DerivationDiff {
    private static final int MAX_LISTED = 100;
    private static final int MAX_VERSIONS = 8;
    private static final int MAX_VALUE = 300;

    /** Maximum length of a value for a line diff, in characters. */
    private static final int MAX_TEXT = 256 * 1024;

    private static final Pattern HASH_PART = Pattern.compile("(/nix/store/)[0-9a-df-np-sv-z]{32}(?=-)");
    private static final String NO_HASH = "$1…";

    private static final String DRV = ".drv";

    /**
     * One of the compared derivations.
     *
     * @param present the derivation's inputs that are in the cache
     */
    public record DiffSide(Cache cache, StorePath path, Derivation derivation, Set<String> present) {
        public static DiffSide of(Cache cache, StorePath path, Derivation derivation, Paths paths) {
            var named = inputs(derivation).stream()
                    .limit(DerivationPageBuilder.MAX_ENTRIES)
                    .map(input -> StorePath.parse(input).baseName())
                    .toList();
            var present = paths.summaries(cache.id(), named).stream()
                    .map(line -> line.path().toString())
                    .collect(Collectors.toSet());
            return new DiffSide(cache, path, derivation, present);
        }

        String url() {
            return Urls.storePath(cache.name(), path.hash());
        }

        private static List<String> inputs(Derivation derivation) {
            return Stream.of(derivation.inputDrvs().keySet(), derivation.inputSrcs())
                    .flatMap(Collection::stream)
                    .toList();
        }
    }

    private final DiffSide a;
    private final DiffSide b;
    private final LineDiff lines = new LineDiff();
    private final List<Value> values = new ArrayList<>();
    private int sameValues;

    private DerivationDiff(DiffSide a, DiffSide b) {
        this.a = a;
        this.b = b;
    }

    public static DerivationChanges of(DiffSide a, DiffSide b) {
        return new DerivationDiff(a, b).changes();
    }

    private DerivationChanges changes() {
        var inA = new HashSet<>(DiffSide.inputs(a.derivation));
        var inB = new HashSet<>(DiffSide.inputs(b.derivation));
        var inputs = inputs(inA, inB);
        values();
        return new DerivationChanges(
                a.url(),
                b.url(),
                a.path.equals(b.path),
                inputs.stream().limit(MAX_LISTED).toList(),
                inputs.size(),
                (int) inA.stream().filter(inB::contains).count(),
                values.stream().limit(MAX_LISTED).toList(),
                values.size(),
                sameValues);
    }

    // ── inputs ──

    /** Inputs with the same name that are in only one of the derivations. */
    private record SameNameInputs(List<InputVersion> a, List<InputVersion> b) {
        Input input(String name) {
            return new Input(name, first(a), first(b), versions(a).equals(versions(b)));
        }

        private static List<InputVersion> first(List<InputVersion> versions) {
            return versions.stream().limit(MAX_VERSIONS).toList();
        }

        private static List<String> versions(List<InputVersion> versions) {
            return versions.stream().map(InputVersion::version).sorted().toList();
        }
    }

    private List<Input> inputs(Set<String> inA, Set<String> inB) {
        var byName = new TreeMap<String, SameNameInputs>();
        inA.stream()
                .filter(path -> !inB.contains(path))
                .sorted()
                .forEach(path -> named(byName, path).a.add(version(a, path)));
        inB.stream()
                .filter(path -> !inA.contains(path))
                .sorted()
                .forEach(path -> named(byName, path).b.add(version(b, path)));
        return byName.entrySet().stream()
                .map(entry -> entry.getValue().input(entry.getKey()))
                .toList();
    }

    private static SameNameInputs named(Map<String, SameNameInputs> byName, String path) {
        return byName.computeIfAbsent(
                drvName(path).name(), _ -> new SameNameInputs(new ArrayList<>(), new ArrayList<>()));
    }

    private static InputVersion version(DiffSide side, String path) {
        var url = side.present.contains(path)
                ? Urls.storePath(side.cache.name(), StorePath.parse(path).hash())
                : "";
        return new InputVersion(drvName(path).version(), url);
    }

    private static DrvName drvName(String path) {
        var name = StorePath.parse(path).name();
        return DrvName.parse(name.endsWith(DRV) ? name.substring(0, name.length() - DRV.length()) : name);
    }

    // ── everything else ──

    private void values() {
        compare("system", "", a.derivation.system(), b.derivation.system());
        compare("builder", "", a.derivation.builder(), b.derivation.builder());
        compare("argument list", "", arguments(a.derivation), arguments(b.derivation));
        compareAll("output", a.derivation.outputs(), b.derivation.outputs(), DerivationDiff::text);
        int before = sameValues;
        compareAll(
                "variable", DerivationVariables.of(a.derivation), DerivationVariables.of(b.derivation), text -> text);
        sameValues -= before;
    }

    private static String arguments(Derivation derivation) {
        return String.join("\n", derivation.args());
    }

    private static String text(Derivation.Output output) {
        return String.join(" ", output.path(), output.hashAlgo(), output.hash()).strip();
    }

    private <V> void compareAll(String kind, Map<String, V> inA, Map<String, V> inB, Function<V, String> text) {
        var names = new TreeSet<>(SurrogateEscapedText.BYTE_ORDER);
        names.addAll(inA.keySet());
        names.addAll(inB.keySet());
        for (var name : names) {
            compare(
                    kind,
                    SurrogateEscapedText.toDisplayText(name),
                    Optional.ofNullable(inA.get(name)).map(text).orElse(null),
                    Optional.ofNullable(inB.get(name)).map(text).orElse(null));
        }
    }

    private void compare(String kind, String name, @Nullable String inA, @Nullable String inB) {
        var first = inA == null ? null : withoutHashes(inA);
        var second = inB == null ? null : withoutHashes(inB);
        if (Objects.equals(first, second)) {
            sameValues++;
        } else if (values.size() >= MAX_LISTED) {
            values.add(new Value(kind, name, Optional.empty(), Optional.empty(), Optional.empty()));
        } else if (first == null || second == null) {
            values.add(new Value(kind, name, cut(first, 0), cut(second, 0), Optional.empty()));
        } else {
            int at = Math.max(0, firstDifference(first, second) - MAX_VALUE / 4);
            values.add(new Value(kind, name, cut(first, at), cut(second, at), patch(first, second)));
        }
    }

    private static String withoutHashes(String text) {
        return HASH_PART.matcher(SurrogateEscapedText.toDisplayText(text)).replaceAll(NO_HASH);
    }

    private static int firstDifference(String a, String b) {
        int at = 0;
        while (at < Math.min(a.length(), b.length()) && a.charAt(at) == b.charAt(at)) {
            at++;
        }
        return at;
    }

    /** Returns the text from the given position on, truncated; the whole text if it fits. */
    private static Optional<String> cut(@Nullable String text, int from) {
        if (text == null) {
            return Optional.empty();
        }
        int start = text.length() <= MAX_VALUE ? 0 : Math.min(from, text.length());
        return Optional.of((start > 0 ? "…" : "") + Format.truncate(text.substring(start), MAX_VALUE));
    }

    private Optional<Patch> patch(String first, String second) {
        boolean multiline = first.indexOf('\n') >= 0 || second.indexOf('\n') >= 0;
        return multiline && Math.max(first.length(), second.length()) <= MAX_TEXT
                ? lines.of(first, second)
                : Optional.empty();
    }
}
