package dev.narthex.catalog;

import java.util.Map;

/**
 * A release with the notes of its recognizer.
 *
 * @param notes see {@link dev.narthex.spi.Facts#notes}
 */
public record Noted(long id, String name, String normalised, String version, Map<String, String> notes) {
    public Noted {
        notes = Map.copyOf(notes);
    }
}
