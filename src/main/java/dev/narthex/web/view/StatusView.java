package dev.narthex.web.view;

import java.time.Instant;

/**
 * The status of the server. It is only available if the database answers.
 *
 * @param now time of the request
 * @param started start time of this process
 * @param version version of the server
 * @param revision revision of the catalog, which grows with every change
 * @param caches number of caches that the user can see
 */
public record StatusView(Instant now, Instant started, String version, String revision, long caches) {}
