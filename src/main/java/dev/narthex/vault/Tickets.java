package dev.narthex.vault;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Tells whether an order comes from this machine's operator, as {@code deploy/run import} does: he can put a file of a name of
 * his own into the data folder, and nobody else can. Each is good for one order.
 */
@ApplicationScoped
class Tickets {
    private static final Pattern NAME = Pattern.compile("[0-9a-f]{32}");

    private final Path folder;

    Tickets(@ConfigProperty(name = "narthex.data") Path data) {
        this.folder = data.resolve("import-tickets");
    }

    boolean redeem(String ticket) throws IOException {
        return NAME.matcher(ticket).matches() && Files.deleteIfExists(folder.resolve(ticket));
    }
}
