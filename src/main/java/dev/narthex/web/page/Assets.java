package dev.narthex.web.page;

import dev.narthex.nix.NixHash;
import dev.narthex.spi.Ecosystem;
import io.quarkus.arc.All;
import jakarta.inject.Singleton;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

/**
 * The static files of the pages, loaded at startup. The style sheets are separate sources but are served as one file, so that a
 * first visit needs a single request. URLs contain a prefix of the content's hash, so browsers may cache files indefinitely.
 */
@Singleton
class Assets {
    private static final String FOLDER = "assets/";
    private static final List<String> STYLES = List.of("tokens.css", "base.css", "pages.css", "views.css");
    private static final int MARK_LENGTH = 12;
    private static final Map<String, String> PLAIN = Map.of(
            "narthex.js", "text/javascript; charset=utf-8",
            "icons.svg", "image/svg+xml",
            "mark.svg", "image/svg+xml",
            "hyperlegible-next-5.3.0.woff2", "font/woff2",
            "hyperlegible-mono-5.3.0.woff2", "font/woff2",
            "hyperlegible-next-5.3.0.licence.txt", "text/plain; charset=utf-8",
            "hyperlegible-mono-5.3.0.licence.txt", "text/plain; charset=utf-8");
    private final Map<String, Asset> all;

    Assets(@All List<Ecosystem> ecosystems) {
        all = load(ecosystems);
    }

    /**
     * A static file.
     *
     * @param gzip gzip-compressed content; empty for formats that are already compressed
     * @param mark prefix of the content's SHA-256
     */
    record Asset(byte[] bytes, Optional<byte[]> gzip, String type, String mark) {
        /**
         * Returns whether the file name contains a version. Style sheets refer to fonts without a hash, so font names are
         * versioned.
         */
        boolean namedByVersion() {
            return type.startsWith("font/");
        }
    }

    Optional<Asset> find(String file) {
        return Optional.ofNullable(all.get(file));
    }

    String url(String file) {
        return "/assets/" + file
                + find(file)
                        .filter(asset -> !asset.namedByVersion())
                        .map(asset -> "?v=" + asset.mark)
                        .orElse("");
    }

    private static Map<String, Asset> load(List<Ecosystem> ecosystems) {
        var assets = new HashMap<String, Asset>();
        PLAIN.forEach((file, type) -> assets.put(file, asset(read(file), type)));
        var styles = new ByteArrayOutputStream();
        STYLES.forEach(file -> styles.writeBytes(read(file)));
        ecosystems.stream()
                .sorted(Comparator.comparing(Ecosystem::id))
                .map(Assets::color)
                .forEach(styles::writeBytes);
        assets.put("narthex.css", asset(styles.toByteArray(), "text/css; charset=utf-8"));
        return Map.copyOf(assets);
    }

    /** Returns the CSS rule with an ecosystem's color, so that no style sheet has to know the ecosystems. */
    private static byte[] color(Ecosystem ecosystem) {
        var colour = ecosystem.color();
        return ".eco-%s { --hue: light-dark(%s, %s); }\n"
                .formatted(ecosystem.id(), colour.light(), colour.dark())
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static Asset asset(byte[] bytes, String type) {
        var gzip = type.startsWith("font/") ? Optional.<byte[]>empty() : Optional.of(gzip(bytes));
        return new Asset(bytes, gzip, type, NixHash.sha256(bytes).hex().substring(0, MARK_LENGTH));
    }

    static byte[] gzip(byte[] bytes) {
        var out = new ByteArrayOutputStream(bytes.length / 3 + 64);
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static byte[] read(String file) {
        try (var in = Assets.class.getClassLoader().getResourceAsStream(FOLDER + file)) {
            if (in == null) {
                throw new IllegalStateException("static file " + file + " is not in the build");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
