package dev.narthex.web.files;

import dev.narthex.http.Content;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NarListing.Entry;
import dev.narthex.nix.NixHash;
import dev.narthex.web.page.FileKind;
import dev.narthex.web.view.FilesView.FileContent;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A file's content as a page shows it: the text if it is UTF-8 and not too long, else only facts about it.
 *
 * @param sha256 in hex; empty if {@code text} is present or the file is larger than 16 MiB
 * @param document whether it is Markdown, according to its name, and short enough to render
 */
public record FileText(FileKind kind, Optional<String> text, String sha256, boolean document) {
    /** Files above this size, in bytes, are not read completely. */
    public static final int MAX_LENGTH = 512 * 1024;

    private static final int MAX_LINES = 5000;
    private static final long DIGESTED = 16L << 20;
    private static final String LARGE_TEXT = "large text";

    /** In characters. Rendering is slow for maliciously nested text, so the limit is lower than for plain text. */
    private static final int MAX_DOCUMENT_LENGTH = 256 * 1024;

    private static final Pattern MARKDOWN = Pattern.compile("(?i).*\\.(md|markdown|mdown|mkd)");

    public static FileText of(Content content, String name) throws IOException {
        byte[] bytes;
        try (var in = content.open(0, Math.min(MAX_LENGTH, content.length()))) {
            bytes = in.readAllBytes();
        }
        var text = content.length() <= MAX_LENGTH ? text(bytes) : Optional.<String>empty();
        boolean document = text.isPresent()
                && text.get().length() <= MAX_DOCUMENT_LENGTH
                && MARKDOWN.matcher(name).matches();
        return new FileText(kind(bytes), text, text.isPresent() ? "" : digest(content), document);
    }

    /** Creates the text of a file of at most {@link #MAX_LENGTH} bytes, without a digest. */
    public static FileText of(byte[] whole) {
        return new FileText(kind(whole), text(whole), "", false);
    }

    private static FileKind kind(byte[] bytes) {
        return FileKind.of(Arrays.copyOf(bytes, Math.min(bytes.length, FileKind.HEAD)));
    }

    /**
     * @param url URL of its page
     * @param source whether the source is requested instead of the rendered form
     * @param html rendered document; empty if it cannot be rendered or the source is requested
     */
    FileContent facts(Entry.Regular file, String url, boolean source, Optional<String> html) {
        boolean large = kind.text() && text.isEmpty();
        var form = form(source, html);
        boolean two = text.isPresent() && (kind.image() || (document && (source || html.isPresent())));
        return new FileContent(
                file.size(),
                file.executable(),
                large ? LARGE_TEXT : kind.words(),
                form,
                url + "?raw",
                !two ? "" : source ? url : url + "?source",
                sha256,
                text,
                html);
    }

    private String form(boolean source, Optional<String> html) {
        if (html.isPresent()) {
            return "document";
        }
        if (kind.image() && !(source && text.isPresent())) {
            return "picture";
        }
        return text.isPresent() ? "text" : "facts";
    }

    private static Optional<String> text(byte[] bytes) {
        if (!FileKind.of(bytes).text()) {
            return Optional.empty();
        }
        try {
            var text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.lines().limit(MAX_LINES + 1L).count() <= MAX_LINES ? Optional.of(text) : Optional.empty();
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static String digest(Content content) throws IOException {
        if (content.length() > DIGESTED) {
            return "";
        }
        var digest = HashAlgorithm.SHA256.newDigest();
        try (var in = new DigestInputStream(content.open(), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return NixHash.of(HashAlgorithm.SHA256, digest.digest()).hex();
    }
}
