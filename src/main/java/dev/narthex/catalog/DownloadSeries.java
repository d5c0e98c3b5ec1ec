package dev.narthex.catalog;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * How often a package was fetched.
 *
 * @param month in thirty days
 * @param release in thirty days, this release alone
 * @param daily the last thirty days, today last
 * @param weekly the last twelve times seven days, the seven that end today last
 */
public record DownloadSeries(long month, long release, List<Long> daily, List<Long> weekly) {
    private static final int WEEKS = 12;
    private static final int WEEK = 7;
    static final int DAYS = WEEKS * WEEK;

    public DownloadSeries {
        daily = List.copyOf(daily);
        weekly = List.copyOf(weekly);
    }

    static DownloadSeries of(long[] days, long release) {
        var month = Arrays.copyOfRange(days, days.length - Downloads.MONTH, days.length);
        var weekly = new ArrayList<Long>();
        for (int from = 0; from < days.length; from += WEEK) {
            weekly.add(
                    LongStream.of(Arrays.copyOfRange(days, from, from + WEEK)).sum());
        }
        return new DownloadSeries(
                LongStream.of(month).sum(),
                release,
                LongStream.of(month).boxed().toList(),
                weekly);
    }
}
