package dev.narthex.catalog.download;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Download counts of a package over time.
 *
 * @param month in the last 30 days
 * @param release of one release in the last 30 days
 * @param daily of the last 30 days, today last
 * @param weekly of the last 12 periods of 7 days; the last one ends today
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
        var month = Arrays.copyOfRange(days, days.length - DownloadStats.MONTH, days.length);
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
