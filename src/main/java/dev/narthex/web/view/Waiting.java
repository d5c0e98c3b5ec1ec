package dev.narthex.web.view;

/**
 * Why a release is only proposed.
 *
 * @param pushedBy as it is kept in rows; empty if not recorded
 * @param why "deleted" if somebody took it back before, "policy" if all releases of the cache wait, "right" if whoever pushed may
 *     not publish the package, "before" if he may now
 * @param instead version that clients get until then, or empty
 */
public record Waiting(String pushedBy, String why, String instead) {}
