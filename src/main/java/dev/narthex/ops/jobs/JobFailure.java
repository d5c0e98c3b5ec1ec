package dev.narthex.ops.jobs;

import com.github.kagkarlsson.scheduler.serializer.Serializer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Stores why a job failed last, the only data of a job, so that admins see it on any replica and after a restart. Stored as text
 * rather than as serialized objects, because anyone who can write to the table could otherwise execute code by deserialization.
 */
public final class JobFailure implements Serializer {
    private static final int MAX_LENGTH = 500;

    /** @param cause the root cause is used, as the most specific one */
    static String of(Optional<Throwable> cause) {
        return cause.map(first -> Stream.iterate(first, current -> current != null, Throwable::getCause)
                        .reduce((current, next) -> next)
                        .orElse(first))
                .map(last -> Optional.ofNullable(last.getMessage())
                        .map(message -> last.getClass().getSimpleName() + ": " + message)
                        .orElse(last.getClass().getSimpleName()))
                .map(JobFailure::sanitize)
                .orElse("");
    }

    private static String sanitize(String text) {
        var printable = text.replaceAll("\\p{C}+", " ").strip();
        return printable.substring(0, Math.min(MAX_LENGTH, printable.length()));
    }

    @Override
    public byte @Nullable [] serialize(@Nullable Object data) {
        return data == null ? null : data.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public <T> @Nullable T deserialize(Class<T> type, byte @Nullable [] bytes) {
        return bytes == null || type != String.class ? null : type.cast(decode(bytes));
    }

    public static String decode(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
