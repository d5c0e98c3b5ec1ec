package dev.narthex.vault;

import dev.narthex.problem.Problem;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * Which addresses are everybody's. Whoever may name a URL must not reach by it what only this server reaches: itself, its
 * neighbours, a cloud's metadata. A host is looked up here and, when it is connected to, once more; the virtual machine keeps
 * the answer for 30 s, so that a name cannot lead elsewhere in between.
 */
final class Addresses {
    private Addresses() {}

    /** @throws dev.narthex.problem.ProblemException if the host has any address that is not everybody's */
    static void requirePublic(String host) throws UnknownHostException {
        for (var address : InetAddress.getAllByName(host)) {
            if (!isPublic(address)) {
                throw new Problem.Mismatch(
                                "source",
                                host + " is in a private network, where imports may not go. Run deploy/run import on"
                                        + " this server, or start it with narthex.import.private-addresses=true.")
                        .asException();
            }
        }
    }

    static boolean isPublic(InetAddress address) {
        if (address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isAnyLocalAddress()
                || address.isMulticastAddress()) {
            return false;
        }
        var bytes = address.getAddress();
        return address instanceof Inet6Address ? isPublic6(bytes) : isPublic4(bytes);
    }

    /** RFC 6890: what is left of the special blocks after those that the JDK knows. */
    private static boolean isPublic4(byte[] b) {
        int first = b[0] & 0xff;
        int second = b[1] & 0xff;
        return switch (first) {
            case 0 -> false;
            case 100 -> second < 64 || second > 127;
            case 192 -> second != 0 || b[2] != 0;
            case 198 -> second != 18 && second != 19;
            default -> first < 240;
        };
    }

    /** Only 2000::/3 is given out; 2002::/16 and 2001::/32 hold an IPv4 address, and are of no use any more. */
    private static boolean isPublic6(byte[] b) {
        boolean global = (b[0] & 0xe0) == 0x20;
        boolean tunnel = startsWith(b, 0x20, 0x02) || startsWith(b, 0x20, 0x01, 0, 0);
        return global && !tunnel;
    }

    private static boolean startsWith(byte[] address, int... bytes) {
        var head = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            head[i] = (byte) bytes[i];
        }
        return Arrays.equals(address, 0, head.length, head, 0, head.length);
    }
}
