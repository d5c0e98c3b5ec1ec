package dev.narthex.spi;

import dev.narthex.nix.HashAlgorithm;
import java.util.List;

/** Result of transcoding a package's tree. */
public sealed interface TranscodeResult {
    /**
     * A file that can be made from the tree.
     *
     * @param name of the package, as its publisher writes it
     * @param dependencies in the order of the manifest
     * @param filename name under which clients fetch it
     * @param address the digest that clients of this ecosystem check
     */
    record OfferedFile(
            String name,
            String version,
            Facts facts,
            List<Dependency> dependencies,
            String filename,
            HashAlgorithm address,
            FileSource maker)
            implements TranscodeResult {
        public OfferedFile {
            dependencies = List.copyOf(dependencies);
        }
    }

    /**
     * A package in the path that cannot be served to clients of this ecosystem.
     *
     * @param name as far as it is known
     * @param version empty if unknown
     * @param reason a sentence for people, without a period
     */
    record RefusedPackage(String name, String version, String reason) implements TranscodeResult {}
}
