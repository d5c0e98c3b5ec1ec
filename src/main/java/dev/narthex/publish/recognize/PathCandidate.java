package dev.narthex.publish.recognize;

import dev.narthex.catalog.path.PathInfo;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.Derivation;
import dev.narthex.nix.NarListing;
import dev.narthex.nix.NarListing.Entry;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.Candidate;
import dev.narthex.spi.DerivationMeta;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/** A stored path as recognizers see it. They share one listing, which is read once. */
record PathCandidate(
        PathInfo pathInfo,
        PathReader reader,
        NarListing listing,
        Optional<Derivation> derivation,
        Optional<DerivationMeta> meta)
        implements Candidate {
    @Override
    public StorePath path() {
        return pathInfo.path();
    }

    @Override
    public long narSize() {
        return pathInfo.narSize();
    }

    @Override
    public Optional<ContentAddress> contentAddress() {
        return pathInfo.ca();
    }

    @Override
    public List<String> references() {
        return pathInfo.references();
    }

    @Override
    public Optional<StorePath> deriver() {
        return pathInfo.deriver();
    }

    @Override
    public InputStream open(String file) throws IOException {
        if (listing.find(file).orElse(null) instanceof Entry.Regular regular) {
            return reader.file(pathInfo, regular).open();
        }
        throw new FileNotFoundException(file + " is no regular file of " + pathInfo.path());
    }
}
