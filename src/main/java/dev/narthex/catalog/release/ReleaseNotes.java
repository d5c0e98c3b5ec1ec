package dev.narthex.catalog.release;

import java.util.Map;

/**
 * A release with the notes of its recognizer.
 *
 * @param notes see {@link dev.narthex.spi.Facts#notes}
 */
public record ReleaseNotes(long id, String name, String normalized, String version, Map<String, String> notes) {
    public ReleaseNotes {
        notes = Map.copyOf(notes);
    }
}
