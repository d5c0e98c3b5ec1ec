package dev.narthex.web.view;

import java.time.Instant;

/**
 * Which server answers, and that its database does.
 *
 * @param now when it was asked
 * @param started when this process did
 * @param revision of the catalog, which grows with every change
 * @param caches that the reader may see
 */
public record StatusView(Instant now, Instant started, String version, String revision, long caches) {}
