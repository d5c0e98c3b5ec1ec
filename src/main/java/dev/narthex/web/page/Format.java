package dev.narthex.web.page;

import dev.narthex.web.view.Span;
import dev.narthex.web.view.Urls;
import io.quarkus.arc.Arc;
import io.quarkus.qute.RawString;
import io.quarkus.qute.TemplateExtension;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Formats values in templates, for example {@code {show:size(x)}}. Raw strings returned from here are already escaped. */
@TemplateExtension(namespace = "show")
public final class Format {
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("d MMM uuuu", Locale.ENGLISH).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("d MMM", Locale.ENGLISH).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("d MMM uuuu, HH:mm 'UTC'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter WEEKDAY = DateTimeFormatter.ofPattern("EEEE, d MMM uuuu", Locale.ENGLISH);
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm", Locale.ENGLISH).withZone(ZoneOffset.UTC);
    private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB", "PiB"};
    private static final double STEP = 1024;
    private static final int MINUTE_SECONDS = 60;
    private static final int HOUR_SECONDS = 3600;
    private static final int DAY_SECONDS = 24 * HOUR_SECONDS;
    private static final int GROUP = 1000;
    private static final Pattern FLAG = Pattern.compile("--[a-z][a-z-]*");
    private static final Pattern WORD_END = Pattern.compile("(?<= )");
    private static final Pattern SLASH = Pattern.compile("/(?=[^/])");
    private static final Pattern HASH = Pattern.compile("([0-9a-df-np-sv-z]{32})-");

    private Format() {}

    /** Formats a number of bytes with a unit. Parameters are {@link Number}s, because Qute selects methods by the exact type. */
    public static String size(Number size) {
        long bytes = size.longValue();
        if (bytes < STEP) {
            return bytes + (bytes == 1 ? " byte" : " bytes");
        }
        double value = bytes;
        int unit = -1;
        while (value >= STEP && unit < UNITS.length - 1) {
            value /= STEP;
            unit++;
        }
        return String.format(
                Locale.ROOT, value >= 1000 || (unit == 0 && value >= 100) ? "%.0f %s" : "%.1f %s", value, UNITS[unit]);
    }

    /** Formats a size difference in bytes, with its sign. */
    static String change(Number bytes) {
        long change = bytes.longValue();
        return change == 0 ? "same" : (change > 0 ? "+" : "−") + size(Math.abs(change));
    }

    static String difference(Number before, Number after) {
        return change(after.longValue() - before.longValue());
    }

    /** Formats how much later the second time is, in the largest unit with a value above 0. */
    static String delay(Instant first, Instant second) {
        long seconds = Duration.between(first, second).abs().toSeconds();
        var word = second.isBefore(first) ? " earlier" : " later";
        if (seconds >= DAY_SECONDS) {
            return plural(seconds / DAY_SECONDS, "day") + word;
        }
        if (seconds >= HOUR_SECONDS) {
            return plural(seconds / HOUR_SECONDS, "hour") + word;
        }
        return seconds >= MINUTE_SECONDS ? plural(seconds / MINUTE_SECONDS, "minute") + word : "within a minute";
    }

    private static String plural(long count, String what) {
        return count(count) + " " + what + (count == 1 ? "" : "s");
    }

    public static String count(Number number) {
        long n = number.longValue();
        return n >= 0 && n < GROUP ? Long.toString(n) : String.format(Locale.ROOT, "%,d", n);
    }

    public static String percent(Number hundredths) {
        double share = hundredths.doubleValue();
        return share > 0 && share < 0.1 ? "< 0.1 %" : String.format(Locale.ROOT, "%.1f %%", share);
    }

    /** Encodes a value for a URL query. */
    static String query(String text) {
        return Urls.query(text);
    }

    static String capitalize(String word) {
        return word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
    }

    static String weekday(LocalDate day) {
        return WEEKDAY.format(day);
    }

    static String clock(Instant at) {
        return CLOCK.format(at);
    }

    public static String date(Instant at) {
        return DATE.format(at);
    }

    static String onDay(LocalDate day) {
        return DATE.format(day.atStartOfDay(ZoneOffset.UTC));
    }

    static String day(Instant at) {
        return DAY.format(at);
    }

    /** Formats a time for machines. Fractions are dropped, because HTML allows at most three digits. */
    static String isoTime(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    static String time(Instant at) {
        return TIME.format(at);
    }

    /** Escapes a path and allows line breaks after slashes and before the name of a store path. */
    static RawString path(String path) {
        var split = SLASH.matcher(escape(path)).replaceAll("/<wbr>");
        return new RawString(HASH.matcher(split).replaceAll("$1<wbr>-"));
    }

    /** Formats a command as {@link #path} does, with flags highlighted and kept on one line. */
    static RawString command(String command) {
        var out = new StringBuilder();
        for (var word : WORD_END.split(command)) {
            var bare = word.stripTrailing();
            if (FLAG.matcher(bare).matches()) {
                out.append("<span class=\"k\">")
                        .append(bare)
                        .append("</span>")
                        .append(word, bare.length(), word.length());
            } else {
                out.append(path(word));
            }
        }
        return new RawString(out.toString());
    }

    /** Returns the display name of a principal: the label of a token, or a person's name at the time of the action. */
    public static String principalName(String principal) {
        return principal.startsWith("token:")
                ? principal.replaceFirst("^token:\\d+:", "token ")
                : principal.replaceFirst("^person:\\d+:", "");
    }

    /** Truncates a text to a number of code points. */
    public static String truncate(String text, Number most) {
        int end = end(text, most);
        return end == text.length() ? text : text.substring(0, end) + "…";
    }

    private static int end(String text, Number most) {
        return text.offsetByCodePoints(0, Math.min(text.codePointCount(0, text.length()), most.intValue()));
    }

    /** Escapes and truncates a text, with the given parts highlighted. */
    static RawString highlight(String text, List<Span> parts, Number most) {
        int end = end(text, most);
        var out = new StringBuilder();
        int at = 0;
        for (var part : parts) {
            if (part.to() <= end) {
                out.append(escape(text.substring(at, part.from())))
                        .append("<mark>")
                        .append(escape(text.substring(part.from(), part.to())))
                        .append("</mark>");
                at = part.to();
            }
        }
        return new RawString(out.append(escape(text.substring(at, end)))
                .append(end == text.length() ? "" : "…")
                .toString());
    }

    /** Returns the URL of a static file, which contains a hash of its content. */
    static String asset(String file) {
        // template extensions are static, so beans cannot be injected
        try (var assets = Arc.container().instance(Assets.class)) {
            return assets.get().url(file);
        }
    }

    public static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
