package dev.narthex.ecosystem.support;

import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.Derivation;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NarLimits;
import dev.narthex.nix.NarListing;
import dev.narthex.nix.NarListing.Entry;
import dev.narthex.nix.NarReader;
import dev.narthex.nix.NarWriter;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.Candidate;
import dev.narthex.spi.DerivationMeta;
import dev.narthex.spi.FoundArtifact;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** A store path in memory: a real NAR with its real listing, and the metadata that a narinfo and nix-env would provide. */
public record NarCandidate(
        StorePath path,
        byte[] nar,
        NarListing listing,
        Optional<ContentAddress> contentAddress,
        Optional<StorePath> deriver,
        Optional<Derivation> derivation,
        Optional<DerivationMeta> meta,
        List<String> references)
        implements Candidate {
    public static final String HASH = "8k3vq1x0gh5zfj2l4nrbyd7mwa6cs9pi";

    /** A single file, content-addressed like those of fetchers. */
    public static NarCandidate flat(String name, byte[] content) {
        var sha512 = new NixHash(
                HashAlgorithm.SHA512, HashAlgorithm.SHA512.newDigest().digest(content));
        var ca = new ContentAddress.Fixed(false, sha512);
        return of(ca.storePath(name), writer -> writer.regular(new byte[0], false, content.length, stream(content)))
                .withCa(ca);
    }

    public static NarCandidate executable(String name, byte[] content) {
        return of(
                new StorePath(HASH, name),
                writer -> writer.regular(new byte[0], true, content.length, stream(content)));
    }

    /** A folder of files by path. */
    public static NarCandidate folder(String name, Map<String, byte[]> files) {
        return of(new StorePath(HASH, name), writer -> new Folder(files).write(new byte[0], writer));
    }

    public NarCandidate withCa(ContentAddress newCa) {
        return new NarCandidate(path, nar, listing, Optional.of(newCa), deriver, derivation, meta, references);
    }

    public NarCandidate withDeriver(String name) {
        return new NarCandidate(
                path,
                nar,
                listing,
                contentAddress,
                Optional.of(new StorePath(HASH, name)),
                derivation,
                meta,
                references);
    }

    public NarCandidate withDerivation(String text) {
        var parsed = Derivation.parse(text.getBytes(StandardCharsets.UTF_8));
        return new NarCandidate(path, nar, listing, contentAddress, deriver, Optional.of(parsed), meta, references);
    }

    public NarCandidate withMeta(DerivationMeta newMeta) {
        return new NarCandidate(
                path, nar, listing, contentAddress, deriver, derivation, Optional.of(newMeta), references);
    }

    public NarCandidate withReferences(String... bases) {
        return new NarCandidate(path, nar, listing, contentAddress, deriver, derivation, meta, List.of(bases));
    }

    /** The bytes that a client would get. */
    public byte[] bytes(FoundArtifact artifact) {
        return Arrays.copyOfRange(nar, (int) artifact.offset(), (int) (artifact.offset() + artifact.length()));
    }

    @Override
    public long narSize() {
        return nar.length;
    }

    @Override
    public InputStream open(String file) throws IOException {
        if (listing.find(file).orElse(null) instanceof Entry.Regular regular) {
            return new ByteArrayInputStream(nar, (int) regular.narOffset(), (int) regular.size());
        }
        throw new FileNotFoundException(file);
    }

    private static InputStream stream(byte[] content) {
        return new ByteArrayInputStream(content);
    }

    /** Content of a NAR. */
    static NarCandidate of(StorePath path, Content content) {
        try {
            var out = new ByteArrayOutputStream();
            try (var writer = new NarWriter(out)) {
                writer.start();
                content.write(writer);
            }
            var nar = out.toByteArray();
            var listing = new NarListing.Builder();
            NarReader.readWhole(new ByteArrayInputStream(nar), NarLimits.DEFAULT, listing);
            return new NarCandidate(
                    path,
                    nar,
                    listing.build(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    List.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    interface Content {
        void write(NarWriter writer) throws IOException;
    }

    private record Folder(Map<String, byte[]> files) {
        void write(byte[] name, NarWriter writer) throws IOException {
            SortedMap<String, Map<String, byte[]>> children = new TreeMap<>();
            files.forEach((path, content) -> {
                int slash = path.indexOf('/');
                var child = slash < 0 ? path : path.substring(0, slash);
                children.computeIfAbsent(child, c -> new TreeMap<>())
                        .put(slash < 0 ? "" : path.substring(slash + 1), content);
            });
            writer.directory(name);
            for (var child : children.entrySet()) {
                var childName = child.getKey().getBytes(StandardCharsets.UTF_8);
                var content = child.getValue().get("");
                if (content == null) {
                    new Folder(child.getValue()).write(childName, writer);
                } else {
                    writer.regular(childName, false, content.length, stream(content));
                }
            }
            writer.endDirectory();
        }
    }
}
