package dev.narthex.web.files;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The syntax of a language, as far as highlighting needs it.
 *
 * @param lineComments markers of comments that extend to the end of the line
 * @param blockComment start and end markers of block comments; empty if there are none
 * @param quotes characters that delimit strings
 * @param longQuotes delimiters of multi-line strings
 */
record Language(
        Set<String> keywords,
        List<String> lineComments,
        List<String> blockComment,
        String quotes,
        List<String> longQuotes) {
    private static final Language C = new Language(
            words(
                    "abstract async auto await bool boolean break byte case catch char class const continue default defer delete"
                            + " do double else enum export extends extern false final finally float fn for from func function go"
                            + " goto if impl implements import in inline instanceof int interface let long loop match mod mut"
                            + " namespace new nil null of operator override package private protected pub public range record return"
                            + " sealed self short signed sizeof static struct super switch template this throw throws trait true try"
                            + " type typedef typeof undefined union unsigned use using var virtual void volatile where while yield"),
            List.of("//"),
            List.of("/*", "*/"),
            "\"'",
            List.of("`"));
    private static final Language CSS = new Language(
            words("important media supports import font-face"), List.of(), List.of("/*", "*/"), "\"'", List.of());
    private static final Language PYTHON = new Language(
            words(
                    "False None True and as assert async await break class continue def del elif else except finally for from"
                            + " global if import in is lambda match nonlocal not or pass raise return self try while with yield"),
            List.of("#"),
            List.of(),
            "\"'",
            List.of("\"\"\"", "'''"));
    private static final Language SHELL = new Language(
            words(
                    "case do done elif else esac exit export fi for function if in local return set shift source then unset"
                            + " until while"),
            List.of("#"),
            List.of(),
            "",
            List.of("\"", "'"));
    private static final Language NIX = new Language(
            words("assert else false if in inherit let null or rec then true with"),
            List.of("#"),
            List.of("/*", "*/"),
            "\"",
            List.of("''"));
    private static final Language SETTINGS =
            new Language(words("true false null yes no on off"), List.of("#", ";"), List.of(), "\"'", List.of());
    private static final Language JSON = new Language(words("true false null"), List.of(), List.of(), "\"", List.of());
    private static final Language LUA = new Language(
            words("and break do else elseif end false for function if in local nil not or repeat return then true until"
                    + " while"),
            List.of("--"),
            List.of("--[[", "]]"),
            "\"'",
            List.of());

    private static final Map<String, Language> BY_ENDING = Map.ofEntries(
                    all(
                            C,
                            "c h cc cpp cxx hh hpp m java js jsx mjs cjs ts tsx mts cts go rs kt kts scala swift php cs d zig dart"),
                    all(CSS, "css scss less"),
                    all(PYTHON, "py pyi pyx bzl"),
                    all(SHELL, "sh bash zsh fish mk cmake dockerfile makefile"),
                    all(NIX, "nix"),
                    all(SETTINGS, "toml yaml yml ini cfg conf properties desktop service"),
                    all(JSON, "json map webmanifest"),
                    all(LUA, "lua"))
            .entrySet()
            .stream()
            .flatMap(e -> Stream.of(e.getKey().split(" ")).map(ending -> Map.entry(ending, e.getValue())))
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

    /**
     * Finds the language by file extension, or by the whole name for files such as {@code Makefile}; empty if it is not
     * highlighted.
     */
    static Optional<Language> of(String fileName) {
        var name = fileName.toLowerCase(Locale.ROOT);
        return Optional.ofNullable(BY_ENDING.get(name.substring(name.lastIndexOf('.') + 1)));
    }

    private static Set<String> words(String words) {
        return Set.of(words.split(" "));
    }

    private static Map.Entry<String, Language> all(Language language, String endings) {
        return Map.entry(endings, language);
    }
}
