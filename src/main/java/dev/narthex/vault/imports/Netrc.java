package dev.narthex.vault.imports;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Scanner;

/**
 * Finds credentials by host in a netrc file, in the format that curl and nix read (curl's netrc manual): words separated by white
 * space. Each request looks up its own host, so no credential follows a redirect to another one. The file is read each time, so
 * changes apply immediately.
 */
final class Netrc {
    private Netrc() {}

    /**
     * Returns the Authorization header for this host, from its first entry or from {@code default}, which must be the last entry.
     */
    static Optional<String> authorization(Path file, String host) throws IOException {
        try (var scanner = new Scanner(Files.newInputStream(file), StandardCharsets.UTF_8)) {
            while (scanner.hasNext()) {
                var word = scanner.next();
                boolean here = word.equals("default") || (word.equals("machine") && host.equals(next(scanner)));
                if (here) {
                    return Optional.of(basic(entry(scanner)));
                }
            }
        }
        return Optional.empty();
    }

    private static Map<String, String> entry(Scanner scanner) {
        var values = new HashMap<String, String>();
        while (scanner.hasNext("login|password|account")) {
            values.put(scanner.next(), next(scanner));
        }
        return values;
    }

    private static String next(Scanner scanner) {
        return scanner.hasNext() ? scanner.next() : "";
    }

    private static String basic(Map<String, String> entry) {
        var pair = entry.getOrDefault("login", "") + ":" + entry.getOrDefault("password", "");
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }
}
