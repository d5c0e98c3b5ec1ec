package dev.narthex.spi;

import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.Derivation;
import dev.narthex.nix.NarListing;
import dev.narthex.nix.StorePath;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/** A pushed store path as a recogniser sees it. */
public interface Candidate {
    StorePath path();

    /** Bytes of the NAR. */
    long narSize();

    NarListing listing();

    Optional<ContentAddress> ca();

    /** Base names of the paths it refers to, maybe its own. */
    List<String> references();

    Optional<StorePath> deriver();

    /** The deriver's content, if it was pushed. */
    Optional<Derivation> derivation();

    /** What {@code nix-env --json --meta} said of it, if that was sent. */
    Optional<Meta> meta();

    /**
     * Opens a regular file of the listing; the path of the root file is empty. The caller closes the stream.
     *
     * @param file path inside the store path, with slashes, without a leading one
     */
    InputStream open(String file) throws IOException;
}
