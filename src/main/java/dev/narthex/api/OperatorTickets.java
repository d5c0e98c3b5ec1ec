package dev.narthex.api;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Proves that an import was requested by the operator of this machine, as {@code deploy/run import} does: only the operator can
 * create a file with a chosen name in the data folder. A ticket is valid for one request.
 */
@ApplicationScoped
class OperatorTickets {
    private static final Pattern NAME = Pattern.compile("[0-9a-f]{32}");

    private final Path folder;

    OperatorTickets(@ConfigProperty(name = "narthex.data") Path data) {
        this.folder = data.resolve("import-tickets");
    }

    boolean redeem(String ticket) throws IOException {
        return NAME.matcher(ticket).matches() && Files.deleteIfExists(folder.resolve(ticket));
    }
}
