package dev.narthex.client.trees;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.GoldenList;
import dev.narthex.client.support.MissingDependencyChecker;
import dev.narthex.client.support.TreesFixture;
import dev.narthex.client.support.TreesFixture.Made;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The trees of the test store as npm and pip clients see them, one per line: offered files with the digest that lockfiles
 * contain, and others with the reason of refusal. All machines derive the same file from the same tree, so a changed digest of
 * an unchanged tree would break lockfiles. A changed tree means another test store.
 */
class GoldenTreesIT {
    private final TreesFixture trees = TreesFixture.instance();

    @Test
    void packagesOfEachTreeMatchTheList() throws Exception {
        var lacking = MissingDependencyChecker.of(trees);
        var lines = new ArrayList<String>();
        for (var made : Stream.concat(trees.tarballs().stream(), trees.wheels().stream())
                .toList()) {
            lines.add(offered(made, lacking));
        }
        for (var refused : trees.refused()) {
            lines.add(String.join(
                    "\t",
                    refused.tree().ecosystem(),
                    refused.name(),
                    refused.version(),
                    refused.tree().narHash(),
                    "refused",
                    refused.reason()));
        }
        list().check(lines.stream().sorted().toList());
    }

    private String offered(Made made, Map<String, Set<String>> lacking) throws IOException, InterruptedException {
        var bytes = trees.bytes(made.url());
        var algorithm = made.ecosystem().equals("npm") ? HashAlgorithm.SHA512 : HashAlgorithm.SHA256;
        return String.join(
                "\t",
                made.ecosystem(),
                made.name(),
                made.version(),
                TreesFixture.tree(made.ecosystem(), made.name(), made.version()).narHash(),
                "offered",
                made.file(),
                Integer.toString(bytes.length),
                new NixHash(algorithm, algorithm.newDigest().digest(bytes)).sri(),
                lacking.get(made.file()).isEmpty()
                        ? "with what it needs"
                        : "without " + String.join(" ", lacking.get(made.file())));
    }

    /** The small or the full store, depending on the options of the tests. */
    private static GoldenList list() throws IOException {
        var lock = TreesFixture.CORPUS.folder().resolve("lock.json");
        boolean small = new ObjectMapper().readTree(lock.toFile()).path("small").asBoolean();
        return GoldenList.of(
                "trees/" + (small ? "small" : "full") + ".tsv",
                "The trees of the test store as clients see them: ecosystem, package, version, hash of the tree, then",
                "offered, file, bytes, digest that clients check, how it is installed; or refused, reason.",
                "GoldenTreesIT compares. Another store or transcoder: run it with -Dgolden.write, for both stores.");
    }
}
