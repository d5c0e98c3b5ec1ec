package dev.narthex.store;

import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The configured backends. New packs are written to one of them. The row of a pack names its backend, so the packs of an
 * instance may be in several backends while they are being moved.
 */
@Singleton
public class Backends {
    private final List<Backend> all;
    private final Optional<String> chosen;

    @Inject
    Backends(@Any Instance<Backend> all, @ConfigProperty(name = "narthex.store") Optional<String> chosen) {
        this(all.stream().toList(), chosen);
    }

    /** @param chosen name of the backend for new packs; by default S3 if it is configured, else the directory */
    public Backends(List<Backend> all, Optional<String> chosen) {
        this.all = all;
        this.chosen = chosen;
    }

    /** Returns the backend for new packs and snapshots. */
    public Backend writing() {
        return find().orElseThrow(() -> new IllegalStateException("no backend for new packs"));
    }

    private Optional<Backend> find() {
        // S3 is present only if a bucket is configured, and has a higher number than the directory, which is always
        // present.
        return chosen.isPresent()
                ? all.stream().filter(b -> b.name().equals(chosen.get())).findFirst()
                : all.stream().max((a, b) -> Integer.compare(a.number(), b.number()));
    }

    /**
     * Returns the backend of a pack.
     *
     * @param number the backend number in the pack's row
     * @throws IOException if that backend is not configured
     */
    Backend of(int number) throws IOException {
        return all.stream()
                .filter(b -> b.number() == number)
                .findFirst()
                .orElseThrow(() -> new IOException("packs lie in a backend that is not configured"));
    }

    /** Name of the backend for new packs. */
    public String target() {
        return writing().name();
    }

    /** Whether clients may be redirected to URLs of any backend. */
    boolean haveAddresses() {
        return all.stream().anyMatch(Backend::hasAddresses);
    }

    /** Numbers of the backends that new packs are not written to. */
    List<Integer> others() {
        int writing = writing().number();
        return all.stream().map(Backend::number).filter(n -> n != writing).toList();
    }

    public List<Backend> all() {
        return all;
    }

    /**
     * Checks all backends.
     *
     * @throws IOException if one is not usable; the message is one sentence for the administrator
     */
    public void check() throws IOException {
        if (find().isEmpty()) {
            throw new IOException("narthex.store is “" + chosen.orElse("") + "”; it may be directory, or s3 if"
                    + " narthex.s3.bucket names a bucket.");
        }
        for (var backend : all) {
            backend.check();
        }
    }
}
