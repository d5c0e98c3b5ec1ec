package dev.narthex.ecosystem.support;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Set;

/** Replaces the catalog by {@link InMemoryRegistries}. */
public class InMemoryRegistriesProfile implements QuarkusTestProfile {
    @Override
    public Set<Class<?>> getEnabledAlternatives() {
        return Set.of(InMemoryRegistries.class);
    }
}
