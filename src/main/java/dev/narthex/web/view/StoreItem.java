package dev.narthex.web.view;

/**
 * A store path in a list.
 *
 * @param path in full
 * @param name without the hash part
 * @param narSize of this path alone, in bytes
 */
public record StoreItem(String url, String path, String name, long narSize) {
    private static final String STORE = "/nix/store/";
    private static final int MARK_LENGTH = 8;

    /** Returns the first 8 characters of the hash part, to tell paths with the same name apart. */
    public String mark() {
        return path.substring(STORE.length(), STORE.length() + MARK_LENGTH);
    }
}
