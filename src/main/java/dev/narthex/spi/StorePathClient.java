package dev.narthex.spi;

import dev.narthex.nix.StorePath;
import java.util.List;

/**
 * Provides the command that fetches a store path with its closure. An optional ability of an {@link Ecosystem} whose client can
 * do that for any store path.
 */
public interface StorePathClient {
    /**
     * @param baseUrl public base URL of this instance, without a trailing slash
     * @param keys public keys of the cache, in the format of nix's trusted-public-keys
     */
    InstallSnippet fetch(StorePath path, String baseUrl, String cache, List<String> keys);
}
