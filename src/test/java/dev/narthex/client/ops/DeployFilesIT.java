package dev.narthex.client.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.ProgramRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The deployment files, each validated by the program that uses it and compared with the others. */
class DeployFilesIT {
    private static final Path DEPLOY = Path.of("deploy").toAbsolutePath();
    private static final Path UNIT = DEPLOY.resolve("narthex.service");

    /** In tenths; systemd rates a service of 5.0 and more as "exposed". */
    private static final String MAX_EXPOSURE = "15";

    @TempDir
    Path scratch;

    private ProgramRunner programs;

    @BeforeEach
    void scratchIsHome() {
        programs = new ProgramRunner(scratch);
    }

    @Test
    void systemdAcceptsTheUnitAndRatesItHardened() throws Exception {
        var unit = Files.writeString(
                scratch.resolve("narthex.service"),
                Files.readString(UNIT)
                        .replace("/opt/narthex/serve", DEPLOY.resolve("serve").toString()));
        var verified = programs.run("systemd-analyze", "verify", "--man=no", unit.toString())
                .succeeded();
        assertEquals("", verified.out() + verified.err());
        programs.run("systemd-analyze", "security", "--offline=true", "--threshold=" + MAX_EXPOSURE, unit.toString())
                .succeeded();
    }

    @Test
    void nixosModuleDefinesTheSameService() throws Exception {
        var made = nixos(
                "{ enable = true; package = \"/opt/narthex\"; openFirewall = true; environmentFile = \"/etc/x\";"
                        + " settings = { \"audit.days\" = 90; \"log.requests\" = true; url = \"https://h.example\"; }; }");
        assertEquals(8080, made.at("/networking/firewall/allowedTCPPorts/0").asInt());
        var service = made.at("/systemd/services/narthex");
        assertEquals(
                Map.of(
                        "JAVA_HOME", "/nix/store/jdk",
                        "NARTHEX_AUDIT_DAYS", "90",
                        "NARTHEX_DATA", "/var/lib/narthex",
                        "NARTHEX_LOG_REQUESTS", "true",
                        "NARTHEX_MANAGEMENT_PORT", "8081",
                        "NARTHEX_URL", "https://h.example",
                        "QUARKUS_DATASOURCE_JDBC_URL", "jdbc:postgresql://127.0.0.1/narthex",
                        "QUARKUS_DATASOURCE_USERNAME", "narthex",
                        "QUARKUS_HTTP_HOST", "127.0.0.1",
                        "QUARKUS_HTTP_PORT", "8080"),
                texts(service.path("environment")));
        var same = texts(service.path("serviceConfig"));
        assertEquals("/etc/x", service.at("/serviceConfig/EnvironmentFile/0").asText());
        same.remove("EnvironmentFile");
        var unit = Files.readAllLines(UNIT).stream()
                .dropWhile(line -> !line.equals("[Service]"))
                .takeWhile(line -> !line.equals("[Install]"))
                .filter(line -> line.matches("[A-Z]\\w+=.*") && !line.startsWith("Environment"))
                .map(line -> line.split("=", 2))
                .collect(Collectors.toMap(part -> part[0], part -> part[1], (a, b) -> a, TreeMap::new));
        assertEquals(unit, same);
    }

    @Test
    void nixosModuleIsDisabledByDefault() throws Exception {
        assertTrue(nixos("{ }").isEmpty());
    }

    private JsonNode nixos(String settings) throws IOException {
        var expression = "import %s { module = import %s; cfg = %s; }"
                .formatted(
                        Path.of("src/test/resources/deploy/nixos.nix").toAbsolutePath(),
                        DEPLOY.resolve("nixos-module.nix"),
                        settings);
        var evaluated = programs.with("NIX_REMOTE", scratch.resolve("nix").toString())
                .run("nix-instantiate", "--eval", "--strict", "--json", "--expr", expression)
                .succeeded();
        return new ObjectMapper().readTree(evaluated.out());
    }

    private static Map<String, String> texts(JsonNode object) {
        var texts = new TreeMap<String, String>();
        object.properties()
                .forEach(member -> texts.put(member.getKey(), member.getValue().asText()));
        return texts;
    }

    @Test
    void manifestHasOnlyKnownKubernetesFields() throws Exception {
        var manifest = Files.readString(DEPLOY.resolve("kubernetes.yaml"));
        checked(manifest).succeeded();
        var misspelt = checked(manifest.replace("timeoutSeconds: 4", "timeoutSecond: 4"))
                .failed();
        assertTrue(misspelt.err().contains("timeoutSecond"), misspelt.err());
        var wrong = checked(manifest.replace("replicas: 1", "replicas: one")).failed();
        assertTrue(wrong.err().contains("not assignable to type 'number'"), wrong.err());
    }

    /** Checks each field against the published TypeScript types of the API with deno. */
    private ProgramRunner.Result checked(String manifest) throws IOException {
        var tools = Path.of(System.getProperty("narthex.tools")).toAbsolutePath();
        var modules = scratch.resolve("node_modules");
        if (!Files.exists(modules)) {
            Files.createSymbolicLink(modules, tools.resolve("node_modules"));
        }
        var made = programs.run(
                        "node",
                        "--input-type=module",
                        "--eval",
                        Files.readString(Path.of("src/test/resources/deploy/kubernetes.mjs")),
                        Files.writeString(scratch.resolve("manifest.yaml"), manifest)
                                .toString())
                .succeeded();
        var typed = Files.writeString(scratch.resolve("manifest.ts"), made.out());
        return programs.with("NO_COLOR", "1")
                .with("DENO_DIR", scratch.resolve("deno").toString())
                .run(
                        tools.resolve("node_modules/@deno/linux-x64-glibc/deno").toString(),
                        "check",
                        "--no-remote",
                        "--node-modules-dir=manual",
                        typed.toString());
    }

    /** All settings in these files exist, and the stop timeouts are longer than the server needs. */
    @Test
    void settingsInDeployFilesExist() throws Exception {
        var settings = Files.readAllLines(Path.of("src/main/resources/settings.txt")).stream()
                .filter(line -> line.contains(" | "))
                .map(line -> line.split(" ", 2)[0].replaceAll("[.-]", "_").toUpperCase(java.util.Locale.ROOT))
                .collect(Collectors.toSet());
        var named = new TreeSet<String>();
        for (var file : List.of("narthex.service", "nixos-module.nix", "kubernetes.yaml", "image")) {
            Pattern.compile("\\bNARTHEX_[A-Z_]*[A-Z]\\b")
                    .matcher(Files.readString(DEPLOY.resolve(file)))
                    .results()
                    .forEach(match -> named.add(match.group()));
        }
        assertTrue(named.size() >= 5, named::toString);
        named.removeAll(settings);
        assertEquals(java.util.Set.of(), named);
    }
}
