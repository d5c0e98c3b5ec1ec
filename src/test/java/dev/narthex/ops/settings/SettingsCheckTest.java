package dev.narthex.ops.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.io.StringReader;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** All invalid settings are reported together, and the list of settings matches the code. */
class SettingsCheckTest {
    private static List<String> complaints(Map<String, String> process, Map<String, String> environment) {
        return SettingsCheck.listErrors(new RawConfiguration(process, environment, Map.of()));
    }

    @Test
    void eachInvalidSettingIsReported() {
        assertEquals(
                List.of(
                        "narthex.adit.days is no setting. Is narthex.audit.days meant?",
                        "narthex.instance-key is not base64 of 32 bytes.",
                        "narthex.log.format is “xml”, which is not one of text, json.",
                        "narthex.nar.max-size is “64 GB”, which is not a number of bytes, such as 512M or 64G.",
                        "narthex.trusted-proxies is “10.0.0.1,a proxy”, which is not addresses, networks such as 10.0.0.0/8,"
                                + " and host names, with commas between.",
                        "narthex.url is “https://host/path”, which is not http:// or https:// and a host, without a path.",
                        "quarkus.http.port is “0”, which is not a port, from 1 to 65535.",
                        "NARTHEX_AUDIT_DAYS is “a year”, which is not a whole number from 1 to 2147483647.",
                        "NARTHEX_LOG_FORMAT is empty. Without it the value is text.",
                        "NARTHEX_OIDC_CLIENT is no setting. Is NARTHEX_OIDC_CLIENT_ID meant?",
                        "NARTHEX_STOP_LIMIT is “soon”, which is not a duration, such as 90s, 15M or 24H.",
                        "NARTHEX_ZZZ is no setting."),
                complaints(
                        Map.of(
                                "narthex.adit.days", "90",
                                "narthex.instance-key", "c2VjcmV0",
                                "narthex.log.format", "xml",
                                "narthex.nar.max-size", "64 GB",
                                "narthex.trusted-proxies", "10.0.0.1,a proxy",
                                "narthex.url", "https://host/path",
                                "quarkus.http.port", "0"),
                        Map.of(
                                "NARTHEX_AUDIT_DAYS", "a year",
                                "NARTHEX_LOG_FORMAT", "",
                                "NARTHEX_OIDC_CLIENT", "x",
                                "NARTHEX_STOP_LIMIT", "soon",
                                "NARTHEX_ZZZ", "x")));
    }

    @Test
    void validAndUnrelatedSettingsAreAccepted() {
        assertEquals(
                List.of(),
                complaints(
                        Map.of(
                                "narthex.audit.days", "90",
                                "%prod.narthex.log.format", "json",
                                "narthex.oidc.admins[0]", "anna@example.org",
                                "narthex.oidc.client-secret", "",
                                "narthex.nar.max-size", "64g",
                                "narthex.url", "http://[::1]:8080/",
                                "narthex.plugin.posters.size", "A2",
                                "narthex.stop.limit", "PT5M",
                                "java.home", "/usr"),
                        Map.of(
                                "NARTHEX_TOKEN", "nrx_x",
                                "NARTHEX_TRUSTED_PROXIES", "10.0.0.0/8, proxy.example.org,::1",
                                "NARTHEX_SERVICE_HOST", "10.0.0.1",
                                "NARTHEX_SERVICE_PORT_HTTP", "8080",
                                "NARTHEX_PORT", "tcp://10.0.0.1:8080",
                                "NARTHEX_PORT_8080_TCP_ADDR", "10.0.0.1",
                                "PATH", "/bin")));
    }

    @Test
    void systemPropertiesOverrideEnvironmentAndFile() {
        var name = "narthex.log.format";
        var file = Map.of(name, "text");
        assertEquals(Optional.of("text"), new RawConfiguration(Map.of(), Map.of(), file).findValue(name));
        var environment = Map.of("NARTHEX_LOG_FORMAT", " json ");
        assertEquals(Optional.of("json"), new RawConfiguration(Map.of(), environment, file).findValue(name));
        assertEquals(Optional.empty(), new RawConfiguration(Map.of(name, ""), environment, file).findValue(name));
    }

    /** Compares settings.txt with the configuration keys and defaults in the code. */
    @Test
    void settingsListMatchesTheCode() throws Exception {
        var properties = new Properties();
        properties.load(new StringReader(Files.readString(Path.of("src/main/resources/application.properties"))));
        var read = new TreeMap<String, String>();
        for (var type : new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPath("target/classes")) {
            if (type.isAnnotatedWith(ConfigMapping.class)) {
                var mapping = type.reflect();
                var prefix = mapping.getAnnotation(ConfigMapping.class).prefix();
                for (var method : mapping.getDeclaredMethods()) {
                    read.put(prefix + "." + kebab(method.getName()), preset(method));
                }
            }
            injected(type).forEach(property -> read.put(property.name(), preset(property)));
        }
        properties.stringPropertyNames().stream()
                .filter(name -> name.startsWith("narthex."))
                .forEach(name -> read.put(name, properties.getProperty(name)));
        var listed = SettingDefinition.all().stream()
                .filter(setting -> setting.name().startsWith("narthex."))
                .collect(Collectors.toMap(
                        SettingDefinition::name, SettingDefinition::defaultValue, (a, b) -> a, TreeMap::new));
        assertEquals(read, listed);
    }

    private static Stream<ConfigProperty> injected(JavaClass type) {
        return type.getConstructors().stream()
                .flatMap(constructor -> constructor.getParameters().stream())
                .flatMap(parameter -> parameter.tryGetAnnotationOfType(ConfigProperty.class).stream())
                .filter(property -> property.name().startsWith("narthex."));
    }

    private static String preset(ConfigProperty property) {
        return property.defaultValue().equals(ConfigProperty.UNCONFIGURED_VALUE) ? "" : property.defaultValue();
    }

    private static String preset(Method method) {
        return Optional.ofNullable(method.getAnnotation(WithDefault.class))
                .map(WithDefault::value)
                .orElse("");
    }

    private static String kebab(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT);
    }

    @Test
    void everySettingHasADescriptionAndAValidDefault() {
        for (var setting : SettingDefinition.all()) {
            assertFalse(setting.description().isBlank(), setting.name());
            var complaint = setting.findError(setting.name(), setting.defaultValue());
            assertTrue(setting.defaultValue().isEmpty() || complaint.isEmpty(), complaint::toString);
        }
        assertEquals(
                List.of(),
                Arrays.stream(SettingKind.values())
                        .filter(kind -> SettingDefinition.all().stream().noneMatch(setting -> setting.kind() == kind))
                        .toList());
    }
}
