package dev.narthex.vault.imports;

import dev.narthex.problem.Problem;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * Guards against SSRF: rejects hosts with non-public addresses. A user who may name a URL must not reach what only this server can
 * reach: itself, its neighbors, a cloud's metadata service. The host is resolved here and again by the connection; the JVM caches
 * the result for 30 s, so that the name cannot resolve to another address in between.
 */
final class PublicAddressGuard {
    private PublicAddressGuard() {}

    /** @throws dev.narthex.problem.ProblemException Mismatch if any address of the host is not public */
    static void requirePublic(String host) throws UnknownHostException {
        for (var address : InetAddress.getAllByName(host)) {
            if (!isPublic(address)) {
                throw Problem.mismatch(
                        "source",
                        host + " is in a private network, where imports may not go. Run deploy/run import on"
                                + " this server, or start it with narthex.import.private-addresses=true.");
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

    /** RFC 6890: the special-purpose blocks that the JDK methods do not cover. */
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

    /** Only 2000::/3 is allocated. 2002::/16 and 2001::/32 embed an IPv4 address and are obsolete. */
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
