package dev.narthex.client.support;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.TreesFixture.Made;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.semver4j.Semver;

/** Transitive dependencies that the registry lacks; such packages can only be installed without dependencies. */
public final class MissingDependencyChecker {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Evaluates requirements and markers like pip on this machine. */
    private static final String PYTHON = """
            import json, sys
            from pip._vendor.packaging.requirements import Requirement
            from pip._vendor.packaging.utils import canonicalize_name
            has = json.load(open(sys.argv[1]))
            def lacks(name, seen):
                lacking = set()
                for each in map(Requirement, has[name]["requires"]):
                    if each.marker and not each.marker.evaluate({"extra": ""}):
                        continue
                    needed = canonicalize_name(each.name)
                    if needed not in has or not each.specifier.contains(has[needed]["version"]):
                        lacking.add(needed)
                    elif needed not in seen:
                        lacking |= lacks(needed, seen | {needed})
                return lacking
            print(json.dumps({name: sorted(lacks(name, {name})) for name in has}))
            """;

    private MissingDependencyChecker() {}

    /** By file name. */
    public static Map<String, Set<String>> of(TreesFixture trees) throws IOException, InterruptedException {
        var lacking = new HashMap<String, Set<String>>();
        var tarballs = trees.tarballs();
        tarballs.forEach(made -> lacking.put(made.file(), npm(made, tarballs, new TreeSet<>())));
        lacking.putAll(pypi(trees));
        return lacking;
    }

    private static Set<String> npm(Made made, List<Made> all, Set<String> lacking) {
        for (var need : made.needs()) {
            int at = need.lastIndexOf('@');
            var name = need.substring(0, at);
            all.stream()
                    .filter(other -> other.name().equals(name))
                    .filter(other -> new Semver(other.version()).satisfies(need.substring(at + 1)))
                    .max(Comparator.comparing(other -> new Semver(other.version())))
                    .ifPresentOrElse(other -> npm(other, all, lacking), () -> lacking.add(name));
        }
        return lacking;
    }

    private static Map<String, Set<String>> pypi(TreesFixture trees) throws IOException, InterruptedException {
        var wheels = trees.wheels();
        var has = new LinkedHashMap<String, Map<String, Object>>();
        for (var wheel : wheels) {
            has.put(
                    normalized(wheel.name()),
                    Map.of("version", wheel.version(), "requires", List.copyOf(wheel.needs())));
        }
        var folder = Server.freshFolder();
        var input = folder.resolve("has.json");
        JSON.writeValue(input.toFile(), has);
        var said = JSON.readTree(new ProgramRunner(folder)
                .run("/usr/bin/python3", "-c", PYTHON, input.toString())
                .succeeded()
                .out());
        DataFolders.delete(folder);
        var lacking = new HashMap<String, Set<String>>();
        for (var wheel : wheels) {
            var names = new TreeSet<String>();
            said.path(normalized(wheel.name())).forEach(name -> names.add(name.asText()));
            lacking.put(wheel.file(), names);
        }
        return lacking;
    }

    public static String normalized(String project) {
        return project.replaceAll("[-_.]+", "-").toLowerCase(Locale.ROOT);
    }
}
