package dev.narthex.spi;

/**
 * Number of downloads of a package.
 *
 * @param week in the last 7 days
 * @param month in the last 30 days
 */
public record DownloadCount(long week, long month) {
    public static final DownloadCount NONE = new DownloadCount(0, 0);
}
