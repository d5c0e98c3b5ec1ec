package dev.narthex.access;

import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.util.HexFormat;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Throttles clients that send invalid credentials, per address and process. Above the limit a client gets 429 with a waiting time,
 * which stops clients in a loop. Requests with valid credentials are neither counted nor refused, even from the same address, so
 * other users behind the same NAT are not affected.
 */
@Singleton
class FailedLoginThrottle {
    private final PerMinuteCounter invalid;

    /** @param allowed invalid credentials per minute and address */
    FailedLoginThrottle(
            @ConfigProperty(name = "narthex.invalid-credentials-per-minute", defaultValue = "60") int allowed) {
        this.invalid = new PerMinuteCounter(allowed);
    }

    /** @throws dev.narthex.problem.ProblemException TooManyRequests if the limit is exceeded */
    void recordFailure(String address) {
        invalid.increment(
                address,
                "invalid credentials were sent from your address within a minute. Correct your token; valid ones"
                        + " work all the time.");
    }

    /** Returns the key that an address is counted by: for IPv6 the /64 prefix, since a user usually has all its addresses. */
    static String network(String address) {
        if (!address.contains(":")) {
            return address;
        }
        try {
            var bytes = InetAddress.ofLiteral(address).getAddress();
            return bytes.length == 4 ? address : HexFormat.of().formatHex(bytes, 0, 8);
        } catch (IllegalArgumentException e) {
            return address;
        }
    }
}
