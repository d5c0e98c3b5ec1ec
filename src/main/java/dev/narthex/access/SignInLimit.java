package dev.narthex.access;

import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Steps of signing in by address: each may ask the provider something, and a code could be guessed. */
@Singleton
class SignInLimit {
    private final PerMinute steps;

    /** @param allowed so many in a minute from one address; signing in takes two */
    SignInLimit(@ConfigProperty(name = "narthex.sign-in-steps-per-minute", defaultValue = "120") int allowed) {
        this.steps = new PerMinute(allowed);
    }

    /** @throws dev.narthex.problem.ProblemException TooManyRequests if this was one too many */
    void note(String address) {
        steps.note(
                address,
                "steps of signing in came from your address within a minute. Wait a minute, then sign in again;"
                        + " sessions and tokens work all the time.");
    }
}
