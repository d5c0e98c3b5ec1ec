package dev.narthex.web.view;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Where in a long list a page stands. Pages count from 1.
 *
 * @param size how many a page holds at most
 * @param url of the list, to which the number of the page is added
 */
public record Pages(long total, int page, int pages, int size, String url) {
    private static final int AROUND = 2;

    public static Pages of(long total, int page, int size, String url) {
        int pages = (int) Math.clamp((total + size - 1) / size, 1, Integer.MAX_VALUE);
        var list = url.contains("?") ? url + "&page=" : url + "?page=";
        return new Pages(total, page, pages, size, list);
    }

    /** The same pages of a list that is longer than can be paged through. */
    public Pages counting(long all) {
        return new Pages(all, page, pages, size, url);
    }

    public boolean several() {
        return pages > 1;
    }

    /** Whether there are more than these pages show. */
    public boolean beyond() {
        return total > reached();
    }

    public long reached() {
        return (long) pages * size;
    }

    /** Numbers worth a link: the first, the last, and those around this one; 0 stands for a gap. */
    public List<Integer> numbers() {
        var near = IntStream.rangeClosed(1, pages)
                .filter(n -> n == 1 || n == pages || Math.abs(n - page) <= AROUND)
                .boxed()
                .toList();
        return near.stream()
                .flatMapToInt(n -> n > 1 && !near.contains(n - 1) ? IntStream.of(0, n) : IntStream.of(n))
                .boxed()
                .toList();
    }

    public boolean more() {
        return page < pages;
    }

    public int next() {
        return page + 1;
    }
}
