package dev.narthex.access;

import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Limits sign-in steps per address, because each may call the identity provider, and because login codes could be guessed. */
@Singleton
class SignInRateLimit {
    private final PerMinuteCounter steps;

    /** @param allowed steps per minute and address; one sign-in takes two */
    SignInRateLimit(@ConfigProperty(name = "narthex.sign-in-steps-per-minute", defaultValue = "120") int allowed) {
        this.steps = new PerMinuteCounter(allowed);
    }

    /** @throws dev.narthex.problem.ProblemException TooManyRequests if the limit is exceeded */
    void recordAttempt(String address) {
        steps.increment(
                address,
                "sign-in requests came from your address within a minute. Try again in a minute;"
                        + " sessions and tokens work all the time.");
    }
}
