package dev.narthex.ops.start;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.ops.settings.RawConfiguration;
import dev.narthex.ops.settings.StartException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PortCheckTest {
    private static RawConfiguration withPort(String setting, int port) {
        var other = setting.equals("quarkus.http.port") ? "narthex.management-port" : "quarkus.http.port";
        return new RawConfiguration(Map.of(setting, Integer.toString(port), other, "0"), Map.of(), Map.of());
    }

    @ParameterizedTest
    @ValueSource(strings = {"quarkus.http.port", "narthex.management-port"})
    void portInUseIsOneLineThatNamesPortAndSetting(String setting) throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            var configuration = withPort(setting, taken.getLocalPort());
            var message = assertThrows(StartException.class, () -> PortCheck.require(configuration))
                    .getMessage();
            assertTrue(message.contains("port " + taken.getLocalPort() + " of 127.0.0.1"), message);
            assertTrue(message.contains(setting), message);
            assertEquals(1, message.lines().count(), message);
        }
    }

    @Test
    void portThatWasReleasedIsFree() throws IOException {
        int port;
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = taken.getLocalPort();
        }
        assertDoesNotThrow(() -> PortCheck.require(withPort("quarkus.http.port", port)));
        assertDoesNotThrow(() -> PortCheck.require(withPort("quarkus.http.port", 0)));
    }
}
