package dev.narthex.ops.settings;

import java.util.regex.Pattern;

/**
 * Configures which proxies may report the client's address and whether the client used TLS. From anyone else these headers are
 * ignored; otherwise clients could forge the address in the audit log and evade limits by address. Quarkus trusts everyone once
 * forwarding headers are enabled, so both of its settings are derived from this one.
 */
public final class TrustedProxies {
    private static final String SETTING = "narthex.trusted-proxies";
    private static final String QUARKUS_PREFIX = "quarkus.http.proxy.";
    private static final Pattern ADDRESS = Pattern.compile("[0-9a-fA-F.:]+(/[0-9]{1,3})?|[0-9A-Za-z.-]+");

    private TrustedProxies() {}

    /** Returns whether this is an address, a network or a host name. */
    static boolean isValid(String proxy) {
        return ADDRESS.matcher(proxy).matches();
    }

    /** Call it with checked settings. */
    public static void configure(RawConfiguration configuration) {
        var proxies = configuration.findValue(SETTING);
        System.setProperty(QUARKUS_PREFIX + "proxy-address-forwarding", Boolean.toString(proxies.isPresent()));
        proxies.ifPresent(list -> {
            System.setProperty(QUARKUS_PREFIX + "allow-x-forwarded", "true");
            System.setProperty(QUARKUS_PREFIX + "trusted-proxies", list);
            System.setProperty(QUARKUS_PREFIX + "enable-trusted-proxy-header", "true");
        });
    }
}
