package dev.narthex.ecosystem.support;

import dev.narthex.ecosystem.npm.NpmEcosystem;
import dev.narthex.ecosystem.pypi.PypiEcosystem;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.TranscodeResult;
import dev.narthex.spi.Transcoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A program that derives files from trees with everything that could depend on the machine's configuration. */
public final class TranscodingProgram {
    private static final String STORE = "/nix/store/" + NarCandidate.HASH;

    private TranscodingProgram() {}

    /** @param args output file for the lines: transcoder, file, bytes, digest */
    public static void main(String... args) throws IOException {
        var lines = new ArrayList<String>();
        lines.addAll(made(new NpmEcosystem(), npm()));
        lines.addAll(made(new PypiEcosystem(), pypi()));
        Files.write(Path.of(args[0]), lines);
    }

    private static List<String> made(Transcoder transcoder, NarCandidate tree) throws IOException {
        var lines = new ArrayList<String>();
        try (var told = transcoder.transcode(tree)) {
            for (var each : told.toList()) {
                switch (each) {
                    case TranscodeResult.OfferedFile offer -> lines.add(transcoder.transcoder() + "\t" + line(offer));
                    case TranscodeResult.RefusedPackage refusal -> throw new IllegalStateException(refusal.toString());
                }
            }
        }
        return lines;
    }

    private static String line(TranscodeResult.OfferedFile offer) throws IOException {
        try (var in = offer.maker().open()) {
            var bytes = in.readAllBytes();
            return offer.filename() + "\t" + bytes.length + "\t"
                    + NixHash.sha256(bytes).sri();
        }
    }

    private static NarCandidate npm() {
        var planted = new StorePathFixture();
        for (var name : List.of("lantern", "@harbour/Ilk")) {
            var root = "lib/node_modules/" + name + "/";
            planted.file(root + "package.json", """
                    {"name":"%s","version":"3.2.1","_resolved":"file:x","n":1.10,"big":12345678901234567890,
                     "description":"ÇAĞ ılık İ 照明","bin":{"i":"./bin/I.js"},"private":false}
                    """.formatted(name));
            planted.script(root + "bin/I.js", "#!" + STORE + "-nodejs-22/bin/node\nconsole.log(1.5)\n");
            planted.script(root + "bin/other.sh", "#! " + STORE + "-bash-5/bin/bash -e\n");
            everyKindOfFile(planted, root);
        }
        return planted.path("lantern-3.2.1");
    }

    private static NarCandidate pypi() {
        var site = "lib/python3.13/site-packages/";
        var info = site + "nx_lantern-3.2.1.dist-info/";
        var planted = new StorePathFixture()
                .file(
                        info + "METADATA",
                        "Metadata-Version: 2.4\nName: Nx.Lantern\nVersion: 3.2.1\nSummary: ÇAĞ ılık İ\n")
                .file(info + "WHEEL", "Wheel-Version: 1.0\nTag: py2-none-any\nTag: py3-none-any\n")
                .file(info + "entry_points.txt", "[console_scripts]\nlantern = nx_lantern:main\n")
                .file(info + "RECORD", "../../../bin/light,,\n../../../share/\"i\",,\n\"../../../share/a, ı\",,\n")
                .file(site + "nx_lantern/__init__.py", "LIT = 1.5\n")
                .script("bin/light", "#!" + STORE + "-python3-3.13/bin/python3.13\nprint('ı')\n")
                .file("share/a, ı", "comma\n");
        everyKindOfFile(planted, site + "nx_lantern/");
        return planted.path("python3.13-nx-lantern-3.2.1");
    }

    private static void everyKindOfFile(StorePathFixture planted, String root) {
        var random = new Random(20240501);
        var noise = new byte[200_000];
        random.nextBytes(noise);
        var text = new StringBuilder();
        while (text.length() < 500_000) {
            text.append("exports.")
                    .append((char) ('a' + random.nextInt(26)))
                    .append(random.nextInt(1000))
                    .append("\r\n");
        }
        planted.file(root + "noise.bin", noise)
                .file(root + "text.js", text.toString())
                .file(root + "empty.js", "")
                .file(root + "Index.d.ts", "1\n")
                .file(root + "index.js", "1\n")
                .file(root + "İstanbul.md", "i\n")
                .file(root + "çağ/ılık.JS", "i\n")
                .file(root + "照明.txt", "照明\n".repeat(100).getBytes(StandardCharsets.UTF_16))
                .file(root + "a-long-folder-name-for-a-split-header/".repeat(3) + "file.js", "1\n")
                .file(root + "a-long-folder-name-for-a-split-header/".repeat(8) + "file.js", "1\n")
                .link(root + "LICENCE", "empty.js");
    }
}
