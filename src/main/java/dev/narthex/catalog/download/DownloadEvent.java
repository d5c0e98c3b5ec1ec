package dev.narthex.catalog.download;

import java.time.LocalDate;

/**
 * The key of a download count: a day in UTC, and the file or NAR. Contains only data that is known without a query when the
 * download happens.
 */
sealed interface DownloadEvent {
    LocalDate day();

    /** A file that a registry served. */
    record File(LocalDate day, long artifactId) implements DownloadEvent {}

    /** A NAR. Requests for NARs do not name the store path. */
    record Nar(LocalDate day, long cacheId, long narId) implements DownloadEvent {}
}
