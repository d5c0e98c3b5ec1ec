package dev.narthex.spi;

/**
 * How a release of an ecosystem is taken back, or advised against, without being removed; in the words of its clients.
 *
 * @param kind as in {@link ReleaseView#withdrawals}: what a release then is, such as "yanked"
 * @param act what somebody does who takes one back: "yank", a segment of addresses
 * @param undo what he does who lets it stand again: "unyank", another one
 * @param effect one sentence for who is about to do it: what clients make of it
 * @param needsReason whether a release is taken back by giving the reason
 */
public record Withdrawal(String kind, String act, String undo, String effect, boolean needsReason) {
    /** The kind of a release that only who names it gets: as long as there is another, it is not shown without a version. */
    public static final String YANKED = "yanked";
}
