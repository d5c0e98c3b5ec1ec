package dev.narthex.search.support;

import dev.narthex.search.FoldedName;
import dev.narthex.search.support.SearchFixture.Seed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Real names and summaries: every package that apt knows on this machine. If there are too few, variants are added that join
 * the beginning of one real name with the end of another, and their summaries.
 *
 * @param real in no particular order
 * @param variants none of which equals another name
 */
public record AptPackageNames(List<Seed> real, List<Seed> variants) {
    private static final int MAX_DEPENDENTS = 50;
    private static final String[] ELSEWHERE = {"npm", "pypi"};
    private static final String[] LICENCES = {
        "MIT",
        "Apache-2.0",
        "GPL-3.0-or-later",
        "GPL-2.0-only",
        "BSD-3-Clause",
        "ISC",
        "MPL-2.0",
        "LGPL-2.1",
        "Zlib",
        ""
    };

    /** @throws IOException if apt does not list packages */
    public static AptPackageNames read(int size, Random random) throws IOException {
        var stanzas = stanzas();
        var needed = new HashMap<String, Integer>();
        stanzas.values().stream()
                .flatMap(stanza -> needs(stanza.getOrDefault("Depends", "")))
                .forEach(name -> needed.merge(name, 1, Integer::sum));
        var real = stanzas.entrySet().stream()
                .map(entry -> seed(entry.getKey(), entry.getValue(), needed.getOrDefault(entry.getKey(), 0), random))
                .limit(size)
                .toList();
        return new AptPackageNames(real, variants(real, size - real.size(), random));
    }

    public List<Seed> all() {
        return Stream.concat(real.stream(), variants.stream()).toList();
    }

    private static Map<String, Map<String, String>> stanzas() throws IOException {
        var apt = new ProcessBuilder("apt-cache", "dumpavail")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var found = new LinkedHashMap<String, Map<String, String>>();
        try (var lines = apt.inputReader(StandardCharsets.UTF_8)) {
            var fields = new HashMap<String, String>();
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                int colon = line.indexOf(": ");
                if (line.isEmpty()) {
                    fields = new HashMap<>();
                } else if (colon > 0 && !line.startsWith(" ")) {
                    fields.put(line.substring(0, colon), line.substring(colon + 2));
                    if (line.startsWith("Package: ")) {
                        found.putIfAbsent(fields.get("Package"), fields);
                    }
                }
            }
        }
        return found;
    }

    private static Stream<String> needs(String depends) {
        return Arrays.stream(depends.split(",")).map(d -> d.strip().split("[ (:|]", 2)[0]);
    }

    private static Seed seed(String name, Map<String, String> stanza, int needed, Random random) {
        var summary = stanza.getOrDefault("Description", stanza.getOrDefault("Description-en", ""));
        var section = stanza.getOrDefault("Section", "");
        var licence = LICENCES[random.nextInt(LICENCES.length)];
        return new Seed(
                "nix",
                name,
                stanza.getOrDefault("Version", "1"),
                licence,
                "x86_64-linux",
                Math.min(MAX_DEPENDENTS, needed),
                false,
                summary,
                section.substring(section.indexOf('/') + 1));
    }

    private static List<Seed> variants(List<Seed> real, int count, Random random) {
        var taken = real.stream().map(seed -> FoldedName.of(seed.name()).text()).collect(Collectors.toSet());
        var variants = new ArrayList<Seed>();
        while (variants.size() < count) {
            var a = real.get(random.nextInt(real.size()));
            var b = real.get(random.nextInt(real.size()));
            var name = half(a.name(), "-", true) + "-" + half(b.name(), "-", false);
            if (taken.add(FoldedName.of(name).text())) {
                variants.add(new Seed(
                        ELSEWHERE[variants.size() % ELSEWHERE.length],
                        name,
                        "1.0.0",
                        LICENCES[random.nextInt(LICENCES.length)],
                        "",
                        0,
                        false,
                        half(a.summary(), " ", true) + " " + half(b.summary(), " ", false),
                        a.keyword()));
            }
        }
        return variants;
    }

    /** With an odd number of parts, the first half has one more; a single part is in both halves. */
    private static String half(String text, String between, boolean first) {
        var parts = text.split(between);
        int middle = (parts.length + 1) / 2;
        return String.join(
                between,
                Arrays.copyOfRange(
                        parts, first ? 0 : Math.min(middle, parts.length - 1), first ? middle : parts.length));
    }

    /**
     * Returns the two rarest words of a summary that its name lacks; empty if fewer than two are in at most one in a thousand
     * summaries.
     */
    public static Function<Seed, String> rarestTwo(Collection<Seed> all) {
        var having = all.stream()
                .flatMap(seed -> words(seed.summary()).stream())
                .collect(Collectors.groupingBy(word -> word, Collectors.counting()));
        return seed -> {
            var rare = words(seed.summary()).stream()
                    .filter(word -> !seed.name().contains(word) && having.getOrDefault(word, 0L) <= all.size() / 1000)
                    .sorted(Comparator.comparing((String word) -> having.getOrDefault(word, 0L))
                            .thenComparing(word -> word))
                    .limit(2)
                    .toList();
            return rare.size() < 2 ? "" : String.join(" ", rare);
        };
    }

    private static Set<String> words(String text) {
        return Arrays.stream(text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+"))
                .filter(word -> word.length() > 2)
                .collect(Collectors.toSet());
    }

    /** Typing errors: one letter added, missing or replaced, or two swapped; never the name of another package. */
    public static String typo(String name, Set<String> names, Random random) {
        var wrong = IntStream.generate(() -> random.nextInt(4))
                .mapToObj(kind -> slip(name, kind, random))
                .filter(slip -> !slip.equals(name) && !names.contains(slip))
                .findFirst();
        return wrong.orElseThrow();
    }

    private static String slip(String name, int kind, Random random) {
        int at = random.nextInt(name.length());
        var letter = Character.toString('a' + random.nextInt(26));
        var before = name.substring(0, at);
        var after = name.substring(at + 1);
        return switch (kind) {
            case 0 -> before + after;
            case 1 -> before + letter + name.substring(at);
            case 2 -> before + letter + after;
            default ->
                after.isEmpty() ? before + letter : before + after.charAt(0) + name.charAt(at) + after.substring(1);
        };
    }
}
