package dev.narthex.spi;

/**
 * How an ecosystem withdraws a release, or advises against it, without removing it; in the terms of its clients.
 *
 * @param kind state of such a release, such as "yanked"; as in {@link ReleaseInfo#withdrawals}
 * @param act verb for withdrawing, such as "yank"; a URL segment
 * @param undo verb for undoing it, such as "unyank"; a URL segment
 * @param effect one sentence for the person about to do it: how clients treat such a release
 * @param needsReason whether a reason is required
 */
public record Withdrawal(String kind, String act, String undo, String effect, boolean needsReason) {
    /**
     * Kind of a release that clients get only if they request its exact version; it is not the default while another release
     * exists.
     */
    public static final String YANKED = "yanked";
}
