package dev.narthex.catalog.cache;

import dev.narthex.spi.Cache;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Entity of table cache. Unmapped columns have database defaults. */
@Entity
@Table(name = "cache")
class CacheEntity {
    private static final String AUTOMATIC = "automatic";

    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    long id;

    long domainId;
    String name = "";
    String summary = "";

    @Column(name = "public")
    boolean open;

    /** By default one higher than cache.nixos.org, so that nix prefers that for paths that both caches have. */
    int priority = 41;

    String releasePolicy = AUTOMATIC;

    @Nullable
    Instant deletedAt;

    Optional<Instant> deletedAt() {
        return Optional.ofNullable(deletedAt);
    }

    Cache cache() {
        return new Cache(id, domainId, name, summary, open, priority, releasePolicy.equals(AUTOMATIC));
    }
}
