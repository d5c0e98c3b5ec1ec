package dev.narthex.spi;

/**
 * How often a package was fetched.
 *
 * @param week in the last seven days
 * @param month in the last thirty
 */
public record DownloadCount(long week, long month) {
    public static final DownloadCount NONE = new DownloadCount(0, 0);
}
