package dev.narthex.catalog;

import dev.narthex.db.Row;
import java.util.List;
import java.util.function.Function;

/**
 * One page of a list.
 *
 * @param total number of items in the whole list
 * @param page from 1
 * @param size number of items on a full page
 */
public record Page<T>(List<T> items, long total, int page, int size) {
    /** Last page that is served: skipping more rows is expensive and rarely useful. */
    private static final int LAST = 1000;

    public Page {
        items = List.copyOf(items);
    }

    public boolean hasNext() {
        return page < LAST && (long) page * size < total;
    }

    /** Returns the number of rows before a page. Page numbers are clamped to the valid range. */
    public static long offset(int page, int size) {
        return (long) (number(page) - 1) * size;
    }

    public static int number(int page) {
        return Math.clamp(page, 1, LAST);
    }

    /** Creates a page from rows with the total in column {@code total}. A page beyond the end has total 0. */
    public static <T> Page<T> of(List<Row> rows, int page, int size, Function<Row, T> item) {
        long total = rows.isEmpty() ? 0 : rows.getFirst().longValue("total");
        return new Page<>(rows.stream().map(item).toList(), total, number(page), size);
    }
}
