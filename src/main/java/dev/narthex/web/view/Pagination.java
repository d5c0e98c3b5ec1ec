package dev.narthex.web.view;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The position of a page in a paginated list. Page numbers start at 1.
 *
 * @param size maximum number of entries on a page
 * @param url URL of the list, up to the page number
 */
public record Pagination(long total, int page, int pages, int size, String url) {
    private static final int AROUND = 2;

    public static Pagination of(long total, int page, int size, String url) {
        int pages = (int) Math.clamp((total + size - 1) / size, 1, Integer.MAX_VALUE);
        var list = url.contains("?") ? url + "&page=" : url + "?page=";
        return new Pagination(total, page, pages, size, list);
    }

    /** Returns the same pages for a list that is longer than the pages that can be reached. */
    public Pagination counting(long all) {
        return new Pagination(all, page, pages, size, url);
    }

    public boolean hasSeveralPages() {
        return pages > 1;
    }

    /** Returns whether the list is longer than its pages show. */
    public boolean exceedsLimit() {
        return total > reached();
    }

    public long reached() {
        return (long) pages * size;
    }

    /** Returns the page numbers to link: the first, the last, and those around the current one; 0 marks a gap. */
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

    public boolean hasNext() {
        return page < pages;
    }

    public int next() {
        return page + 1;
    }
}
