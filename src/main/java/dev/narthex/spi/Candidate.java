package dev.narthex.spi;

import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.Derivation;
import dev.narthex.nix.NarListing;
import dev.narthex.nix.StorePath;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/** A pushed store path as a recognizer sees it. */
public interface Candidate {
    StorePath path();

    /** Size of the NAR in bytes. */
    long narSize();

    NarListing listing();

    Optional<ContentAddress> contentAddress();

    /** Base names of the paths that it references, possibly including itself. */
    List<String> references();

    Optional<StorePath> deriver();

    /** The content of the deriver, if it was pushed. */
    Optional<Derivation> derivation();

    /** The derivation's {@code meta} as printed by {@code nix-env --json --meta}, if it was uploaded. */
    Optional<DerivationMeta> meta();

    /**
     * Opens a regular file of the listing. The caller closes the stream.
     *
     * @param file path inside the store path, with slashes and without a leading one; empty for the root file
     */
    InputStream open(String file) throws IOException;
}
