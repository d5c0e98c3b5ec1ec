package dev.narthex.web.view;

/**
 * Why a release is only proposed.
 *
 * @param pushedBy principal, as stored; empty if not recorded
 * @param why "deleted" if the release was deleted before, "policy" if the cache reviews all releases, "right" if the pusher may
 *     not publish the package, "before" if the pusher got that right only later
 * @param instead version that clients get until then, or empty
 */
public record ProposedReason(String pushedBy, String why, String instead) {}
