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
 * The backends that this process has. New packs go to one of them; where an older pack lies its row says, so that an
 * instance may have packs in several while they are moved from one to the other.
 */
@Singleton
public class Backends {
    private final List<Backend> all;
    private final Optional<String> chosen;

    @Inject
    Backends(@Any Instance<Backend> all, @ConfigProperty(name = "narthex.store") Optional<String> chosen) {
        this(all.stream().toList(), chosen);
    }

    /** @param chosen which one takes new packs; if it is not said, the one that somebody set up */
    public Backends(List<Backend> all, Optional<String> chosen) {
        this.all = all;
        this.chosen = chosen;
    }

    /** Where new packs and snapshots go. */
    public Backend writing() {
        return find().orElseThrow(() -> new IllegalStateException("no backend for new packs"));
    }

    private Optional<Backend> find() {
        // a bucket is there only if it is configured, and has a higher number than the directory, which always is
        return chosen.isPresent()
                ? all.stream().filter(b -> b.name().equals(chosen.get())).findFirst()
                : all.stream().max((a, b) -> Integer.compare(a.number(), b.number()));
    }

    /** @param number of a row */
    Backend of(int number) throws IOException {
        return all.stream()
                .filter(b -> b.number() == number)
                .findFirst()
                .orElseThrow(() -> new IOException("packs lie in a backend that is not configured"));
    }

    /** By its name, for people. */
    public String target() {
        return writing().name();
    }

    /** Whether any has addresses for others. */
    boolean haveAddresses() {
        return all.stream().anyMatch(Backend::hasAddresses);
    }

    /** Numbers of those that new packs do not go to. */
    List<Integer> others() {
        int writing = writing().number();
        return all.stream().map(Backend::number).filter(n -> n != writing).toList();
    }

    public List<Backend> all() {
        return all;
    }

    /**
     * Tries all of them.
     *
     * @throws IOException if one cannot be used; the message is one sentence for whoever set it up
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
