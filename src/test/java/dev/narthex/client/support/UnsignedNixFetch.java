package dev.narthex.client.support;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Fetches content-addressed paths with nix from a cache without trusting its key. */
public final class UnsignedNixFetch {
    private UnsignedNixFetch() {}

    /**
     * Fetches a file by both store paths that nixpkgs' fetchers use.
     *
     * @param scratch folder for nix and a new store for each name
     */
    public static void taken(Corpus corpus, Path scratch, URI cache, String filename, byte[] bytes) throws IOException {
        var nix = corpus.nix(Files.createDirectories(scratch.resolve("nix")));
        for (var algorithm : List.of(HashAlgorithm.SHA256, HashAlgorithm.SHA512)) {
            var hash = NixHash.of(algorithm, algorithm.newDigest().digest(bytes));
            var path = new ContentAddress.Fixed(false, hash).storePath(filename);
            var store = scratch.resolve("store-" + algorithm.id());
            nix.run(
                            "nix-store",
                            "--store",
                            store.toString(),
                            "--option",
                            "substituters",
                            cache.toString(),
                            "--option",
                            "require-sigs",
                            "true",
                            "--option",
                            "trusted-public-keys",
                            "",
                            "--realise",
                            path.toString())
                    .succeeded();
            assertArrayEquals(bytes, Files.readAllBytes(Path.of(store + StorePath.STORE_DIR + "/" + path.baseName())));
        }
    }
}
