package dev.narthex.web.search;

import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.release.DigestLookup;
import dev.narthex.catalog.release.DigestLookup.DigestMatch;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Cache;
import dev.narthex.web.page.PageAddress;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * Recognizes search texts that identify a single page: a store path or its hash part, a digest in any common notation, or a URL of
 * this site. Texts that refer to something the user may not see are searched like any other text.
 */
@ApplicationScoped
class DirectLookup {
    private static final Pattern HASH = Pattern.compile("(?:^|/)([0-9a-df-np-sv-z]{32})(?:-|\\.narinfo|$)");

    /** A digest alone, after a name as docker writes it, or as a NAR's file name. */
    private static final Pattern DIGEST = Pattern.compile(
            "(?:^|@|/)(sha(?:256|512)[:-][0-9A-Za-z+/=]+|[0-9a-fA-F]{64}|[0-9a-fA-F]{128}|[0-9a-df-np-sv-z]{52}|[0-9a-df-np-sv-z]{103})(?:\\.nar.*|-.*)?$");

    private static final int SHA512_FROM = 100;
    private static final int HEX_64 = 64;

    private final Paths paths;
    private final DigestLookup digests;
    private final URI base;

    DirectLookup(Paths paths, DigestLookup digests, @ConfigProperty(name = "narthex.url") URI base) {
        this.paths = paths;
        this.digests = digests;
        this.base = base;
    }

    Optional<String> page(List<Cache> visible, String text) {
        return ownUrl(visible, text)
                .or(() -> Optional.of(HASH.matcher(text))
                        .filter(hash -> hash.find())
                        .flatMap(hash -> pathPage(visible, hash.group(1))))
                .or(() -> Optional.of(DIGEST.matcher(text))
                        .filter(digest -> digest.find())
                        .flatMap(digest -> digest(digest.group(1)))
                        .flatMap(digest -> digestPage(visible, digest)));
    }

    private Optional<String> pathPage(List<Cache> visible, String hash) {
        return visible.stream()
                .filter(cache -> paths.find(cache.id(), hash).isPresent())
                .findFirst()
                .map(cache -> Urls.storePath(cache.name(), hash));
    }

    private static Optional<NixHash> digest(String text) {
        try {
            boolean named = text.startsWith("sha");
            boolean hex = text.length() == HEX_64 || text.length() == 2 * HEX_64;
            var digits = hex ? text.toLowerCase(Locale.ROOT) : text;
            return Optional.of(
                    named
                            ? NixHash.parse(text)
                            : NixHash.parse(
                                    digits, text.length() > SHA512_FROM ? HashAlgorithm.SHA512 : HashAlgorithm.SHA256));
        } catch (ProblemException e) {
            return Optional.empty();
        }
    }

    private Optional<String> digestPage(List<Cache> visible, NixHash digest) {
        return digests.find(visible.stream().map(Cache::id).toList(), digest).map(match -> switch (match) {
            case DigestMatch.PathMatch path -> Urls.storePath(path.cache(), path.hash());
            case DigestMatch.ReleaseMatch release ->
                Urls.release(release.cache(), release.ecosystem(), release.normalized(), release.version());
        });
    }

    private Optional<String> ownUrl(List<Cache> visible, String text) {
        try {
            var url = new URI(text);
            return Optional.ofNullable(url.getRawPath())
                    .filter(path -> base.getRawAuthority().equals(url.getRawAuthority()) && path.startsWith("/"))
                    .filter(path -> PageAddress.parse(path)
                            .filter(address -> isVisible(visible, address))
                            .isPresent())
                    .map(path -> path + after("?", url.getRawQuery()) + after("#", url.getRawFragment()));
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private static String after(String sign, @Nullable String rest) {
        return rest == null ? "" : sign + rest;
    }

    private static boolean isVisible(List<Cache> visible, PageAddress address) {
        return switch (address) {
            case PageAddress.Home home -> true;
            case PageAddress.Caches caches -> true;
            case PageAddress.Search search -> true;
            case PageAddress.Compare compare -> true;
            case PageAddress.CachePage page -> isOf(visible, page.cache());
            case PageAddress.Listing listing -> isOf(visible, listing.cache());
            case PageAddress.PackagePage page -> isOf(visible, page.cache());
            case PageAddress.PathPage page -> isOf(visible, page.cache());
            case PageAddress.TwoReleases twoReleases -> isOf(visible, twoReleases.cache());
            case PageAddress.TwoPaths twoPaths -> isOf(visible, twoPaths.cache()) && isOf(visible, twoPaths.cacheOfB());
        };
    }

    private static boolean isOf(List<Cache> visible, String cache) {
        return visible.stream().anyMatch(c -> c.name().equals(cache));
    }
}
