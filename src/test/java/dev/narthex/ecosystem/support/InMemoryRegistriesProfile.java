package dev.narthex.ecosystem.support;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Set;

/** The application with {@link InMemoryRegistries} in the place of the catalog. */
public class InMemoryRegistriesProfile implements QuarkusTestProfile {
    @Override
    public Set<Class<?>> getEnabledAlternatives() {
        return Set.of(InMemoryRegistries.class);
    }
}
