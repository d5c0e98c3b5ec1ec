package dev.narthex.ops.settings;

import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The type of a setting's value. */
enum SettingKind {
    TEXT("a text", value -> true),
    SECRET("a text", value -> true),
    LIST("a list with commas between", value -> true),
    PATH("a path", SettingKind::isPath),
    KEY("base64 of 32 bytes", SettingKind::isKey),
    BOOLEAN("true or false", value -> List.of("true", "false").contains(value)),
    COUNT("a whole number from 1 to 2147483647", value -> isWholeNumber(value, Integer.MAX_VALUE)),
    SHARE("a number from 0 to 1, such as 0.01", value -> value.matches("0|1|0?\\.[0-9]{1,9}")),
    PORT("a port, from 1 to 65535", value -> isWholeNumber(value, 65535)),
    SIZE("a number of bytes, such as 512M or 64G", SettingKind::isSize),
    DURATION("a duration, such as 90s, 15M or 24H", SettingKind::isDuration),
    URL("http:// or https:// and a host, without a path", value -> isUrl(value, "/?")),
    ISSUER("https:// or http:// and a host, without a query", value -> isUrl(value, "(/[^?#\\s]*)?")),
    ISSUERS("addresses that begin with https:// or http://, with commas between", everyItem(SettingKind::isIssuer)),
    PROXIES(
            "addresses, networks such as 10.0.0.0/8, and host names, with commas between",
            everyItem(TrustedProxies::isValid));

    private static final Pattern SIZE_TEXT = Pattern.compile("[0-9]{1,18}[KkMmGgTtPpEe]?");

    private final String description;
    private final Predicate<String> validator;

    SettingKind(String description, Predicate<String> validator) {
        this.description = description;
        this.validator = validator;
    }

    boolean accepts(String value) {
        return validator.test(value);
    }

    /** Completes a sentence that begins with “is not”. */
    String description() {
        return description;
    }

    /** Returns whether a message may contain the value. */
    boolean mayBeShown() {
        return this != KEY && this != SECRET;
    }

    private static Predicate<String> everyItem(Predicate<String> item) {
        return list -> Stream.of(list.split(",")).map(String::strip).allMatch(item);
    }

    private static boolean isPath(String value) {
        try {
            return !Path.of(value).toString().isEmpty();
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static boolean isKey(String value) {
        try {
            return Base64.getDecoder().decode(value.strip()).length == 32;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isWholeNumber(String value, int max) {
        return value.matches("[0-9]{1,10}") && Long.parseLong(value) >= 1 && Long.parseLong(value) <= max;
    }

    private static boolean isSize(String value) {
        return SIZE_TEXT.matcher(value).matches()
                && new MemorySizeConverter().convert(value).asBigInteger().bitLength() < Long.SIZE;
    }

    private static boolean isDuration(String value) {
        try {
            return !DurationConverter.parseDuration(value).isNegative();
        } catch (IllegalArgumentException | ArithmeticException e) {
            return false;
        }
    }

    private static boolean isIssuer(String value) {
        return isUrl(value, "(/[^?#\\s]*)?");
    }

    private static boolean isUrl(String value, String path) {
        if (!value.matches("https?://[^/?#\\s]+" + path)) {
            return false;
        }
        try {
            return Optional.ofNullable(URI.create(value).getHost()).isPresent();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
