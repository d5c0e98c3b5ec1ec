package dev.narthex.ecosystem.support;

import dev.narthex.nix.NarWriter;
import dev.narthex.nix.StorePath;
import dev.narthex.nix.SurrogateEscapedText;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** A store path as a build leaves it: folders, scripts, links. */
public final class StorePathFixture {
    private final Map<String, Node> nodes = new TreeMap<>(SurrogateEscapedText.BYTE_ORDER);

    private sealed interface Node {
        record File(byte[] content, boolean executable) implements Node {}

        record Link(String target) implements Node {}
    }

    public StorePathFixture file(String path, String text) {
        return file(path, text.getBytes(StandardCharsets.UTF_8));
    }

    public StorePathFixture file(String path, byte[] content) {
        nodes.put(path, new Node.File(content, false));
        return this;
    }

    public StorePathFixture script(String path, String text) {
        nodes.put(path, new Node.File(text.getBytes(StandardCharsets.UTF_8), true));
        return this;
    }

    public StorePathFixture link(String path, String target) {
        nodes.put(path, new Node.Link(target));
        return this;
    }

    /** Adds a reference to the path itself. */
    public NarCandidate path(String name) {
        return NarCandidate.of(new StorePath(NarCandidate.HASH, name), this::write)
                .withReferences(NarCandidate.HASH + "-" + name);
    }

    public void write(NarWriter nar) throws IOException {
        write(nar, "", nodes);
    }

    private static void write(NarWriter nar, String name, Map<String, Node> below) throws IOException {
        var children = new TreeMap<String, Map<String, Node>>(SurrogateEscapedText.BYTE_ORDER);
        below.forEach((path, node) -> {
            int slash = path.indexOf('/');
            var child = slash < 0 ? path : path.substring(0, slash);
            children.computeIfAbsent(child, _ -> new TreeMap<>(SurrogateEscapedText.BYTE_ORDER))
                    .put(slash < 0 ? "" : path.substring(slash + 1), node);
        });
        nar.directory(SurrogateEscapedText.encode(name));
        for (var child : children.entrySet()) {
            var node = child.getValue().get("");
            if (node == null) {
                write(nar, child.getKey(), child.getValue());
            } else {
                write(nar, SurrogateEscapedText.encode(child.getKey()), node);
            }
        }
        nar.endDirectory();
    }

    private static void write(NarWriter nar, byte[] name, Node node) throws IOException {
        switch (node) {
            case Node.File file ->
                nar.regular(name, file.executable, file.content.length, new ByteArrayInputStream(file.content));
            case Node.Link link -> nar.symlink(name, SurrogateEscapedText.encode(link.target));
        }
    }
}
