package dev.narthex.access;

import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.util.HexFormat;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Invalid credentials by address, as this process saw them. Whoever sent too many is told to wait, which a client in a loop
 * heeds. Only failures are counted and only they are refused: valid credentials from the same address, such as those behind one
 * NAT, go on.
 */
@Singleton
class Failures {
    private final PerMinute invalid;

    /** @param allowed so many in a minute from one address */
    Failures(@ConfigProperty(name = "narthex.invalid-credentials-per-minute", defaultValue = "60") int allowed) {
        this.invalid = new PerMinute(allowed);
    }

    /** @throws dev.narthex.problem.ProblemException TooManyRequests if this was one too many */
    void note(String address) {
        invalid.note(
                address,
                "invalid credentials came from your address within a minute. Correct the token that is sent; valid ones"
                        + " work all the time.");
    }

    /** Who has one IPv6 address has the 64 bits after its prefix too. */
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
