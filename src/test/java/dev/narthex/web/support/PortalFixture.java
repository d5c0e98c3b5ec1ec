package dev.narthex.web.support;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.oneOf;

import dev.narthex.nix.NarInfo;
import dev.narthex.nix.NarWriter;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.Signature;
import dev.narthex.nix.StorePath;
import dev.narthex.publish.recognize.ReleaseRecognition;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.eclipse.microprofile.config.ConfigProvider;

/** Pushes store paths like nix and recognizes them immediately. */
public final class PortalFixture {
    private static final String LETTERS = "0123456789abcdfghijklmnpqrsvwxyz";

    private final String cache;
    private final ReleaseRecognition recognition;
    private final String token;

    public PortalFixture(String cache, ReleaseRecognition recognition) {
        this(cache, recognition, token());
    }

    /** @param token token of the pusher */
    public PortalFixture(String cache, ReleaseRecognition recognition, String token) {
        this.cache = cache;
        this.recognition = recognition;
        this.token = token;
    }

    public static String token() {
        var data = ConfigProvider.getConfig().getValue("narthex.data", String.class);
        try {
            return Files.readString(Path.of(data, "admin-token")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Content of a NAR. */
    public interface Content {
        void write(NarWriter nar) throws IOException;
    }

    public StorePath put(String name, Content content, StorePath... references) {
        return put(path(name), content, Optional.empty(), references);
    }

    public StorePath put(StorePath path, Content content, Optional<String> deriver, StorePath... references) {
        return put(path, content, deriver, fingerprint -> List.of(), references);
    }

    /** @param signer creates valid or invalid signatures of a narinfo's fingerprint */
    public StorePath put(
            StorePath path,
            Content content,
            Optional<String> deriver,
            Function<String, List<Signature>> signer,
            StorePath... references) {
        var nar = nar(content);
        var refs =
                List.of(references).stream().map(StorePath::baseName).sorted().toList();
        var signed = signer.apply(NarInfo.fingerprint(path, NixHash.sha256(nar), nar.length, refs));
        var info = new NarInfo(
                path,
                "nar/" + path.hash() + ".nar",
                "none",
                Optional.empty(),
                OptionalLong.empty(),
                NixHash.sha256(nar),
                nar.length,
                refs,
                deriver,
                signed,
                Optional.empty());
        send("/" + cache + "/nar/" + path.hash() + ".nar", nar);
        send("/" + cache + "/" + path.hash() + ".narinfo", info.text().getBytes(StandardCharsets.UTF_8));
        recognition.run(cache + "/" + path.hash());
        return path;
    }

    public void log(StorePath drv, String text) {
        send("/" + cache + "/log/" + drv.baseName(), text.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns a path whose hash part depends on its name only. */
    public static StorePath path(String name) {
        var digest = NixHash.sha256(name.getBytes(StandardCharsets.UTF_8)).bytes();
        var hash = new StringBuilder();
        for (var b : digest) {
            hash.append(LETTERS.charAt(b & 31));
        }
        return new StorePath(hash.toString(), name);
    }

    public static Content file(byte[] bytes) {
        return nar -> nar.regular(new byte[0], false, bytes.length, new ByteArrayInputStream(bytes));
    }

    public static void file(NarWriter nar, String name, String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        nar.regular(name.getBytes(StandardCharsets.UTF_8), false, bytes.length, new ByteArrayInputStream(bytes));
    }

    /** An npm package as published to a registry. */
    public static byte[] tarball(String... namesAndTexts) {
        var out = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(new GZIPOutputStream(out))) {
            for (int i = 0; i < namesAndTexts.length; i += 2) {
                var bytes = namesAndTexts[i + 1].getBytes(StandardCharsets.UTF_8);
                var entry = new TarArchiveEntry("package/" + namesAndTexts[i]);
                entry.setSize(bytes.length);
                tar.putArchiveEntry(entry);
                tar.write(bytes);
                tar.closeArchiveEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** A wheel. */
    public static byte[] zip(String... namesAndTexts) {
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(out)) {
            for (int i = 0; i < namesAndTexts.length; i += 2) {
                zip.putNextEntry(new ZipEntry(namesAndTexts[i]));
                zip.write(namesAndTexts[i + 1].getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** A zip with a RECORD of its files. */
    public static byte[] wheel(String distInfo, String... namesAndTexts) {
        var record = new StringBuilder();
        for (int i = 0; i < namesAndTexts.length; i += 2) {
            var text = namesAndTexts[i + 1].getBytes(StandardCharsets.UTF_8);
            var digest = Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(NixHash.sha256(text).bytes());
            record.append(namesAndTexts[i] + ",sha256=" + digest + "," + text.length + "\n");
        }
        var name = distInfo + "/RECORD";
        var all = Arrays.copyOf(namesAndTexts, namesAndTexts.length + 2);
        all[namesAndTexts.length] = name;
        all[namesAndTexts.length + 1] = record + name + ",,\n";
        return zip(all);
    }

    private static byte[] nar(Content content) {
        var out = new ByteArrayOutputStream();
        try (var nar = new NarWriter(out)) {
            nar.start();
            content.write(nar);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private void send(String url, byte[] body) {
        given().header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/octet-stream")
                .body(body)
                .put(url)
                .then()
                .statusCode(oneOf(200, 201));
    }
}
