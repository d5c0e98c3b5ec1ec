package dev.narthex.ecosystem.pypi;

import dev.narthex.archive.PortableTree;
import dev.narthex.spi.Candidate;
import dev.narthex.spi.NotOfferedException;
import dev.narthex.spi.UntrustedText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Moves the files that a project installed outside of site-packages back to their place in a wheel (packaging.python.org, "Binary
 * distribution format", the .data directory): scripts, headers, other files.
 *
 * @param stem name and version, as in the name of the dist-info directory
 * @param commands scripts that installers create from entry points
 */
record DataDirectory(Candidate path, String site, String stem, Set<String> commands) {
    private static final int SCRIPT_BYTES = 1 << 20;
    private static final Pattern HEADER = Pattern.compile("include/(?:site/)?python3\\.[0-9]+[a-z]*/[^/]+/(.+)");
    private static final Pattern PYTHON = Pattern.compile("#!.*python.*");

    /** Line that nixpkgs' wrapper inserts so that a script finds its dependencies in the store. */
    private static final Pattern INJECTED = Pattern.compile("import sys;import site;.*addsitedir.*");

    /** @param files paths in the store path */
    List<WheelBuilder.Entry> entries(List<String> files) throws IOException {
        var wanted = new HashSet<String>();
        for (var file : files) {
            if (!compiled(file) && !file.startsWith("bin/")) {
                InstalledRecord.withFolders(file, wanted);
            }
        }
        var entries = new ArrayList<WheelBuilder.Entry>();
        for (var file : PortableTree.files(path, "", wanted::contains)) {
            if (wanted.contains(file.path())) {
                entries.add(new WheelBuilder.Entry(place(file.path()), file::toPortableFile));
            }
        }
        for (var file : files) {
            if (file.startsWith("bin/") && !commands.contains(file.substring("bin/".length()))) {
                script(file.substring("bin/".length()), entries);
            }
        }
        return entries;
    }

    private static boolean compiled(String file) {
        return file.endsWith(".pyc") || file.contains("__pycache__/");
    }

    private String place(String file) {
        var header = HEADER.matcher(file);
        return stem + ".data/" + (header.matches() ? "headers/" + header.group(1) : "data/" + file);
    }

    /** If the build replaced a script by a wrapper, the script itself is beside it under another name. */
    private void script(String name, List<WheelBuilder.Entry> entries) throws IOException {
        for (var source : List.of("bin/." + name + "-wrapped", "bin/" + name)) {
            var file = PortableTree.file(path, "bin/" + name, source);
            if (file.isPresent()) {
                if (file.get().entry().size() > SCRIPT_BYTES) {
                    throw new NotOfferedException(UntrustedText.line("bin/" + name) + " is a program and no script");
                }
                entries.add(new WheelBuilder.Entry(stem + ".data/scripts/" + name, () -> script(file.get())));
                return;
            }
        }
    }

    /** Replaces the interpreter by {@code #!python}; installers substitute their own Python for it. */
    private static PortableTree.PortableFile script(PortableTree.File file) throws IOException {
        var text = text(file);
        int end = text.indexOf('\n');
        if (end < 0 || !PYTHON.matcher(text.substring(0, end)).matches()) {
            return file.toPortableFile();
        }
        var script = new StringBuilder("#!python\n");
        for (var line : text.substring(end + 1).split("(?<=\n)", -1)) {
            if (!INJECTED.matcher(line.stripTrailing()).matches()) {
                script.append(line);
            }
        }
        return file.toPortableFile(script.toString().getBytes(StandardCharsets.ISO_8859_1), true);
    }

    /** Decodes each byte as one character, so that none is lost. */
    private static String text(PortableTree.File file) throws IOException {
        try (var in = file.open()) {
            return new String(in.readNBytes(SCRIPT_BYTES), StandardCharsets.ISO_8859_1);
        }
    }
}
