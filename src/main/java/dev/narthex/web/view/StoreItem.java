package dev.narthex.web.view;

/**
 * A store path in a list.
 *
 * @param path in full
 * @param name without the hash part
 * @param narSize in bytes
 */
public record StoreItem(String url, String path, String name, long narSize) {}
