package dev.narthex.ops.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.StringReader;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class SettingsListTest {
    private static final String SECRET = "correct horse battery";
    private static final RawConfiguration CONFIGURATION = new RawConfiguration(
            Map.of("narthex.audit.days", "90"),
            Map.of("NARTHEX_OIDC_CLIENT_SECRET", SECRET, "NARTHEX_S3_SECRET_KEY", SECRET),
            Map.of());

    @Test
    void textIsPropertiesFileOfTheValuesThatAreSet() throws IOException {
        var text = SettingsList.toText(CONFIGURATION);
        assertTrue(text.contains("\nnarthex.audit.days=90\n"), text);
        assertTrue(text.contains("\n#quarkus.http.port=8080\n"), text);
        assertFalse(text.contains(SECRET), text);
        var properties = new Properties();
        properties.load(new StringReader(text));
        assertEquals(
                Map.of(
                        "narthex.audit.days", "90",
                        "narthex.oidc.client-secret", "(set)",
                        "narthex.s3.secret-key", "(set)"),
                Map.copyOf(properties));
    }

    @Test
    void jsonHasAllSettings() throws IOException {
        var json = SettingsList.toJson(CONFIGURATION);
        assertFalse(json.contains(SECRET), json);
        var settings = new ObjectMapper().readTree(json);
        assertEquals(SettingDefinition.all().size(), settings.size());
        var days = settings.valueStream()
                .filter(setting -> setting.path("name").asText().equals("narthex.audit.days"))
                .findFirst()
                .orElseThrow();
        assertEquals("90", days.path("value").asText());
        assertEquals("365", days.path("defaultValue").asText());
        assertEquals("NARTHEX_AUDIT_DAYS", days.path("environmentVariable").asText());
        assertEquals("count", days.path("type").asText());
    }
}
