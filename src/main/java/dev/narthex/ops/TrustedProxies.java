package dev.narthex.ops;

import java.util.regex.Pattern;

/**
 * The proxies that are believed when they say from where a request comes and whether it came by TLS. Nobody else is: what
 * anybody may write into a header would be an address in the audit, and a way around limits by address. Quarkus itself believes
 * everybody once it is told to read these headers, so both settings are made from this one.
 */
final class TrustedProxies {
    private static final String SETTING = "narthex.trusted-proxies";
    private static final String QUARKUS = "quarkus.http.proxy.";
    private static final Pattern ADDRESS = Pattern.compile("[0-9a-fA-F.:]+(/[0-9]{1,3})?|[0-9A-Za-z.-]+");

    private TrustedProxies() {}

    /** Whether this is an address, a network or a host name. */
    static boolean understood(String proxy) {
        return ADDRESS.matcher(proxy).matches();
    }

    /** To be called with settings that were checked. */
    static void configure(Given settings) {
        var given = settings.value(SETTING);
        System.setProperty(QUARKUS + "proxy-address-forwarding", Boolean.toString(given.isPresent()));
        given.ifPresent(list -> {
            System.setProperty(QUARKUS + "allow-x-forwarded", "true");
            System.setProperty(QUARKUS + "trusted-proxies", list);
            System.setProperty(QUARKUS + "enable-trusted-proxy-header", "true");
        });
    }
}
