package dev.narthex.client.trees;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.MissingDependencyChecker;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.TreesFixture;
import dev.narthex.client.support.TreesFixture.Made;
import dev.narthex.ecosystem.pypi.WheelRecordChecker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Installs every derived file with its client into its own folder, loads it and runs it. If the store lacks dependencies, it is
 * installed without them and may then fail for this reason; the golden list names these.
 */
class TranscodedFilesIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Commands with other arguments: the parser needs a file name. */
    private static final Map<String, String> ARGUMENT =
            Map.of("parser", "node_modules/@babel/parser/bin/babel-parser.js");

    private static final String HELP = "--help";

    /** Checks all installed files, imports each module, prints the commands. */
    private static final String LOOK = """
            import base64, hashlib, importlib, importlib.metadata, sys
            name, lacking = sys.argv[1], sys.argv[2:]
            dist = importlib.metadata.distribution(name)
            for file in dist.files:
                content = file.locate().read_bytes()
                if file.hash:
                    digest = hashlib.new(file.hash.mode, content).digest()
                    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == file.hash.value, file
            tops = {f.parts[0].removesuffix(".py") for f in dist.files if f.suffix == ".py" and f.parts[0] != ".."}
            assert tops
            for top in sorted(tops):
                try:
                    assert importlib.import_module(top).__file__.startswith(sys.prefix), top
                except ModuleNotFoundError as e:
                    assert e.name.replace("_", "-") in lacking, e
            for point in dist.entry_points:
                if point.group == "console_scripts":
                    print(point.name)
            """;

    private final TreesFixture trees = TreesFixture.instance();
    private final Server server = trees.server;

    @TempDir
    Path scratch;

    static List<Made> tarballs() throws IOException, InterruptedException {
        return TreesFixture.instance().tarballs();
    }

    static List<Made> wheels() throws IOException, InterruptedException {
        return TreesFixture.instance().wheels();
    }

    private static Map<String, Set<String>> lacking;

    private static synchronized Set<String> lacks(Made made) throws IOException, InterruptedException {
        if (lacking == null) {
            lacking = MissingDependencyChecker.of(TreesFixture.instance());
        }
        return lacking.get(made.file());
    }

    @ParameterizedTest
    @MethodSource("tarballs")
    void npmInstallsTheDerivedTarball(Made made) throws Exception {
        var npm = new ProgramRunner(scratch)
                .with("npm_config_registry", server.uri("/registry/main/npm/").toString())
                .with("npm_config_cache", scratch.resolve("cache").toString())
                .with("npm_config_update_notifier", "false")
                .with("npm_config_fund", "false")
                .with("npm_config_audit", "false");
        var lacks = lacks(made);
        if (lacks.isEmpty()) {
            Files.writeString(scratch.resolve("package.json"), "{\"name\":\"consumer\",\"version\":\"1.0.0\"}");
            npm.run("npm", "install", made.name() + "@" + made.version()).succeeded();
        } else {
            lockAlone(made);
            npm.run("npm", "ci").succeeded();
        }
        var installed = scratch.resolve("node_modules").resolve(made.name());
        npm.run("diff", "-r", "--exclude=node_modules", treeOf(made), installed.toString())
                .succeeded();
        var json = JSON.readTree(installed.resolve("package.json").toFile());
        if (hasCode(installed, json)) {
            var loaded = npm.run("node", "--input-type=module", "-e", "await import('" + made.name() + "')");
            succeededOrLacked(loaded, lacks);
        }
        for (var command : commands(json, made.name())) {
            var bin = scratch.resolve("node_modules/.bin/" + command).toString();
            succeededOrLacked(npm.run(bin, ARGUMENT.getOrDefault(command, HELP)), lacks);
        }
    }

    /** npm has no option to install without dependencies, so a lockfile with a single package is used. */
    private void lockAlone(Made made) throws IOException, InterruptedException {
        var manifest =
                trees.json("/registry/main/npm/" + made.name()).path("versions").path(made.version());
        var consumer = JSON.createObjectNode().put("name", "consumer").put("version", "1.0.0");
        consumer.putObject("dependencies").put(made.name(), made.version());
        var lock = JSON.createObjectNode().put("name", "consumer").put("lockfileVersion", 3);
        var packages = lock.putObject("packages");
        packages.set("", consumer);
        var locked = packages.putObject("node_modules/" + made.name())
                .put("version", made.version())
                .put("resolved", manifest.path("dist").path("tarball").asText())
                .put("integrity", manifest.path("dist").path("integrity").asText());
        if (manifest.has("bin")) {
            locked.set("bin", manifest.path("bin"));
        }
        JSON.writeValue(scratch.resolve("package.json").toFile(), consumer);
        JSON.writeValue(scratch.resolve("package-lock.json").toFile(), lock);
    }

    private static String treeOf(Made made) {
        var tree = TreesFixture.tree(made.ecosystem(), made.name(), made.version());
        return TreesFixture.CORPUS.store() + tree.path() + "/lib/node_modules/" + made.name();
    }

    /** Some packages contain only types. */
    private static boolean hasCode(Path installed, JsonNode json) {
        return json.has("exports")
                || !json.path("main").asText("").isEmpty()
                || Files.exists(installed.resolve("index.js"));
    }

    private static List<String> commands(JsonNode json, String name) {
        var bin = json.path("bin");
        return bin.isTextual()
                ? List.of(name.replaceFirst(".*/", ""))
                : bin.propertyStream().map(Map.Entry::getKey).toList();
    }

    private static void succeededOrLacked(ProgramRunner.Result result, Set<String> lacks) {
        boolean lacked = lacks.stream()
                .anyMatch(name -> result.err().matches("(?s).*Cannot find (module|package) '" + name + "['/].*"));
        if (result.status() != 0 && !lacked) {
            result.succeeded();
        }
    }

    @ParameterizedTest
    @MethodSource("wheels")
    void pipInstallsTheDerivedWheel(Made made) throws Exception {
        WheelRecordChecker.verified(Files.write(scratch.resolve(made.file()), trees.bytes(made.url())));
        var python = scratch.resolve("venv/bin/python").toString();
        var pip = new ProgramRunner(scratch)
                .with("PIP_CONFIG_FILE", "/dev/null")
                .with("PIP_DISABLE_PIP_VERSION_CHECK", "1")
                .with("PIP_INDEX_URL", server.uri("/registry/main/pypi/simple/").toString());
        pip.run("/usr/bin/python3", "-m", "venv", "--without-pip", "venv").succeeded();
        var lacks = lacks(made);
        var install = new ArrayList<>(List.of("/usr/bin/python3", "-m", "pip", "--python", python, "install"));
        install.add(made.name() + "==" + made.version());
        if (!lacks.isEmpty()) {
            install.add("--no-deps");
            install.addAll(thoseThatAreThere(made));
        }
        pip.run(install).succeeded();
        var look = new ArrayList<>(List.of(python, "-c", LOOK, made.name()));
        look.addAll(lacks);
        for (var command : pip.run(look).succeeded().out().lines().toList()) {
            pip.run(scratch.resolve("venv/bin").resolve(command).toString(), HELP)
                    .succeeded();
        }
    }

    private static List<String> thoseThatAreThere(Made made) throws IOException, InterruptedException {
        return wheels().stream()
                .map(Made::name)
                .filter(name -> made.needs().stream()
                        .map(need -> MissingDependencyChecker.normalized(need.replaceFirst("[^A-Za-z0-9._-].*", "")))
                        .anyMatch(MissingDependencyChecker.normalized(name)::equals))
                .toList();
    }

    /** Otherwise the two tests above would check nothing. */
    @Test
    void eachKindOfFileOccurs() throws Exception {
        assertTrue(tarballs().size() >= 9 && wheels().size() >= 2);
        assertEquals(
                wheels().size() + tarballs().size(),
                TreesFixture.trees().count() - trees.refused().size());
    }
}
