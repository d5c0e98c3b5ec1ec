package dev.narthex.ops;

import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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

    /** @throws StartException for what is no list of addresses, networks and host names */
    static void configure() {
        var given = Optional.ofNullable(System.getProperty(SETTING))
                .or(() -> Optional.ofNullable(System.getenv("NARTHEX_TRUSTED_PROXIES")))
                .map(String::strip)
                .filter(text -> !text.isEmpty());
        given.ifPresent(TrustedProxies::check);
        System.setProperty(QUARKUS + "proxy-address-forwarding", Boolean.toString(given.isPresent()));
        given.ifPresent(list -> {
            System.setProperty(QUARKUS + "allow-x-forwarded", "true");
            System.setProperty(QUARKUS + "trusted-proxies", list);
        });
    }

    private static void check(String list) {
        Stream.of(list.split(","))
                .map(String::strip)
                .filter(one -> !ADDRESS.matcher(one).matches())
                .findFirst()
                .ifPresent(wrong -> {
                    throw new StartException("The proxies to trust are addresses, networks such as 10.0.0.0/8, and host"
                            + " names, with commas between, not “" + wrong + "”.");
                });
    }
}
