package dev.narthex.catalog;

import dev.narthex.sql.Row;
import java.util.List;
import java.util.function.Function;

/**
 * One page of a long list.
 *
 * @param total items of the whole list
 * @param page from 1
 * @param size items that a full page has
 */
public record Page<T>(List<T> items, long total, int page, int size) {
    /** Pages after this one are empty: counting off more rows than this helps nobody. */
    private static final int LAST = 1000;

    public Page {
        items = List.copyOf(items);
    }

    public boolean hasNext() {
        return page < LAST && (long) page * size < total;
    }

    /** Rows before this page; pages below 1 mean the first, pages after the last are the last that is served. */
    static long offset(int page, int size) {
        return (long) (number(page) - 1) * size;
    }

    static int number(int page) {
        return Math.clamp(page, 1, LAST);
    }

    /** Of rows that each carry the number of all rows in column {@code total}. A page past the end knows no total. */
    static <T> Page<T> of(List<Row> rows, int page, int size, Function<Row, T> item) {
        long total = rows.isEmpty() ? 0 : rows.getFirst().number("total");
        return new Page<>(rows.stream().map(item).toList(), total, number(page), size);
    }
}
