package dev.narthex.store.pack;

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
public class ConfiguredBackends {
    private final List<Backend> backends;
    private final Optional<String> configuredName;

    @Inject
    ConfiguredBackends(
            @Any Instance<Backend> backends, @ConfigProperty(name = "narthex.store") Optional<String> configuredName) {
        this(backends.stream().toList(), configuredName);
    }

    /** @param configuredName name of the backend for new packs; by default S3 if it is configured, else the directory */
    public ConfiguredBackends(List<Backend> backends, Optional<String> configuredName) {
        this.backends = backends;
        this.configuredName = configuredName;
    }

    /** Returns the backend for new packs and snapshots. */
    public Backend writeTarget() {
        return findWriteTarget().orElseThrow(() -> new IllegalStateException("no backend for new packs"));
    }

    private Optional<Backend> findWriteTarget() {
        // S3 is present only if a bucket is configured, and has a higher number than the directory, which is always
        // present.
        return configuredName.isPresent()
                ? backends.stream()
                        .filter(b -> b.name().equals(configuredName.get()))
                        .findFirst()
                : backends.stream().max((a, b) -> Integer.compare(a.number(), b.number()));
    }

    /**
     * Returns the backend of a pack.
     *
     * @param number the backend number in the pack's row
     * @throws IOException if that backend is not configured
     */
    public Backend getByNumber(int number) throws IOException {
        return backends.stream()
                .filter(backend -> backend.number() == number)
                .findFirst()
                .orElseThrow(() -> new IOException("packs are in a backend that is not configured"));
    }

    /** Name of the backend for new packs. */
    public String writeTargetName() {
        return writeTarget().name();
    }

    /** Whether clients may be redirected to URLs of any backend. */
    public boolean canRedirect() {
        return backends.stream().anyMatch(Backend::canRedirect);
    }

    /** Numbers of the backends that new packs are not written to. */
    public List<Integer> otherNumbers() {
        int targetNumber = writeTarget().number();
        return backends.stream()
                .map(Backend::number)
                .filter(number -> number != targetNumber)
                .toList();
    }

    public List<Backend> all() {
        return backends;
    }

    /**
     * Checks all backends.
     *
     * @throws IOException if one is not usable; the message is one sentence for the administrator
     */
    public void check() throws IOException {
        if (findWriteTarget().isEmpty()) {
            throw new IOException("narthex.store is “" + configuredName.orElse("") + "”; it may be directory, or s3 if"
                    + " narthex.s3.bucket names a bucket.");
        }
        for (var backend : backends) {
            backend.check();
        }
    }
}
