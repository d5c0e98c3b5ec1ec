package dev.narthex.ecosystem;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Set;

/** The application with {@link OrchardRegistries} in the place of the catalog. */
public class OrchardProfile implements QuarkusTestProfile {
    @Override
    public Set<Class<?>> getEnabledAlternatives() {
        return Set.of(OrchardRegistries.class);
    }
}
