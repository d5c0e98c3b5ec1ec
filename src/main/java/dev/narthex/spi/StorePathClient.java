package dev.narthex.spi;

import dev.narthex.nix.StorePath;
import java.util.List;

/** An ecosystem whose client can fetch any store path of a cache with its closure. An ability of an {@link Ecosystem}. */
public interface StorePathClient {
    /**
     * @param baseUrl public base address of this instance, without a trailing slash
     * @param keys public keys of the cache, as nix wants them among its trusted keys
     */
    InstallSnippet fetch(StorePath path, String baseUrl, String cache, List<String> keys);
}
