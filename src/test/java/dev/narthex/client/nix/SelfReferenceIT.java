package dev.narthex.client.nix;

import static dev.narthex.client.support.NixPushClient.assertRefused;
import static dev.narthex.client.support.SharedServer.CORPUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.NixPushClient;
import dev.narthex.client.support.ServerDatabase;
import dev.narthex.client.support.SharedServer;
import dev.narthex.client.support.SmallNar;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Content-addressed paths that reference themselves: only their own bytes are accepted. */
class SelfReferenceIT {
    private static final String CACHE = "selfish";
    private static final SharedServer SHARED = SharedServer.instance();
    private static final NixPushClient PUSH = new NixPushClient(SHARED.server, CACHE);
    private static final String ZEROS = "\0".repeat(32);

    /** Placeholder for the hash part, which is known only after hashing the content. */
    private static final String SELF = "#".repeat(32);

    @TempDir
    Path scratch;

    @BeforeAll
    static void cache() throws IOException, SQLException {
        try (var rows = new ServerDatabase(SHARED.server)) {
            rows.cache(CACHE, true);
        }
    }

    @Test
    void nixPushesAndFetchesAPathThatRefersToItself() throws Exception {
        var nix = CORPUS.nix(scratch);
        var store = "local?root=" + scratch.resolve("store");
        var expression = Files.writeString(scratch.resolve("selfish.nix"), """
                derivation {
                  name = "selfish";
                  system = builtins.currentSystem;
                  builder = "/bin/sh";
                  args = [ "-c" "printf 'first %s, second %s' $out $out > $out" ];
                }""");
        var built = nix.run(
                        "nix", "build", "--store", store, "--no-link", "--print-out-paths", "-f", expression.toString())
                .succeeded()
                .out()
                .strip();
        var rewrites = nix.run("nix", "store", "make-content-addressed", "--json", "--store", store, built)
                .succeeded()
                .out();
        var path = StorePath.parse(new ObjectMapper()
                .readTree(rewrites)
                .path("rewrites")
                .path(built)
                .asText());
        var file = Files.readString(Path.of(scratch.resolve("store") + path.toString()));
        var ca = ContentAddress.parse(new ObjectMapper()
                .readTree(nix.run("nix", "path-info", "--json", "--store", store, path.toString())
                        .succeeded()
                        .out())
                .path(path.toString())
                .path("ca")
                .asText());

        assertWrong(push(path, ca, file.replace("first", "third")));
        assertWrong(push(path, ca, file.replace("first ", "") + "first "));
        var cache = SHARED.server.uri("/" + CACHE).toString();
        nix.run(
                        "nix",
                        "copy",
                        "--from",
                        store,
                        "--to",
                        cache,
                        "--option",
                        "netrc-file",
                        SHARED.netrc.toString(),
                        path.toString())
                .succeeded();
        var fresh = scratch.resolve("fresh");
        nix.run(
                        "nix",
                        "copy",
                        "--from",
                        cache,
                        "--to",
                        "local?root=" + fresh,
                        "--option",
                        "trusted-public-keys",
                        "",
                        path.toString())
                .succeeded();
        assertEquals(file, Files.readString(Path.of(fresh + path.toString())));
    }

    /**
     * Hashes like nix since 2.35: the content is the same with the reference at the other position, but its store path is not.
     */
    @Test
    void positionOfAReferenceAffectsTheContentAddress() throws Exception {
        var right = "left " + SELF + " right " + ZEROS;
        var zeroed = SmallNar.flat(right.replace(SELF, ZEROS).getBytes(StandardCharsets.US_ASCII));
        int offset = new String(
                        SmallNar.flat(right.getBytes(StandardCharsets.US_ASCII)).bytes(), StandardCharsets.ISO_8859_1)
                .indexOf(SELF);
        var hashed = new String(zeroed.bytes(), StandardCharsets.ISO_8859_1) + "|" + offset;
        var ca = new ContentAddress.Fixed(true, NixHash.sha256(hashed.getBytes(StandardCharsets.ISO_8859_1)));
        var path = ca.storePath("placed", List.of(), true);

        assertWrong(push(path, ca, "left " + ZEROS + " right " + path.hash()));
        assertWrong(push(path, ca, "left " + path.hash() + " right " + path.hash()));
        assertEquals(201, push(path, ca, right.replace(SELF, path.hash())).statusCode());
    }

    private static void assertWrong(HttpResponse<String> answer) {
        assertRefused(answer, 400, "CA");
        assertTrue(answer.body().contains("Wrong CA"), answer.body());
    }

    private static HttpResponse<String> push(StorePath path, ContentAddress ca, String content)
            throws IOException, InterruptedException {
        var nar = SmallNar.flat(content.getBytes(StandardCharsets.US_ASCII));
        assertEquals(201, PUSH.upload(nar.bytes()).statusCode());
        Map<String, String> info = nar.narInfo(path.toString());
        info.put("References", path.baseName());
        info.put("CA", ca.toString());
        return PUSH.narInfo(path.toString(), SmallNar.text(info));
    }
}
