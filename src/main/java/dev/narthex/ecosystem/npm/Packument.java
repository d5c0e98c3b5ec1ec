package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Facts;
import dev.narthex.spi.PackageInfo;
import dev.narthex.spi.ReleaseInfo;
import dev.narthex.spi.UntrustedJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Renders the document of a package (npm/registry docs/responses/package-metadata.md), full or abbreviated. Versions are ordered
 * oldest first, as in npm's own registry. Both forms contain {@code time}: clients that refuse recent versions need it and would
 * otherwise load the full document.
 */
final class Packument {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    private static final JsonMapper MAPPER = UntrustedJson.mapper().build();
    private static final JsonFactory JSON = MAPPER.getFactory();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final String MAINTAINERS = "maintainers";
    private static final List<String> FROM_LATEST = List.of(
            "description",
            MAINTAINERS,
            "author",
            "contributors",
            "repository",
            "bugs",
            "homepage",
            "keywords",
            "license");

    private final PackageInfo view;
    private final List<ReleaseInfo> releases;
    private final RegistryManifest registered;

    /** Creates a packument without signatures. */
    Packument(PackageInfo view, String registryUrl) {
        this(view, new RegistryManifest(registryUrl, Optional.empty()));
    }

    Packument(PackageInfo view, RegistryManifest registered) {
        this.view = view;
        this.releases = view.releases().stream()
                .filter(r -> RegistryManifest.tarball(r).isPresent())
                .toList();
        this.registered = registered;
    }

    boolean isEmpty() {
        return releases.isEmpty();
    }

    /** Returns the tags. Every package has "latest", and only tags of existing versions are included: clients fail otherwise. */
    Map<String, String> distTags() {
        var tags = new TreeMap<String, String>();
        view.tags().forEach((tag, version) -> {
            if (releases.stream().anyMatch(r -> r.version().equals(version))) {
                tags.put(tag, version);
            }
        });
        newest().ifPresent(r -> tags.putIfAbsent("latest", r.version()));
        return tags;
    }

    List<ReleaseInfo> releases() {
        return releases;
    }

    /** Returns the default release. */
    Optional<ReleaseInfo> latest() {
        return release("latest");
    }

    Optional<ReleaseInfo> release(String versionOrTag) {
        var version = distTags().getOrDefault(versionOrTag, versionOrTag);
        return releases.stream().filter(r -> r.version().equals(version)).findFirst();
    }

    ObjectNode manifest(ReleaseInfo release) {
        return registered.manifest(release);
    }

    /**
     * Returns the full document for all readers.
     *
     * @param stars names of people who starred it
     */
    byte[] fullDocument(List<String> stars) {
        return fullDocument(revision(), stars, Optional.empty());
    }

    /**
     * Returns the full document for callers who may see the maintainers. They are the maintainers of the cache, not those that a
     * version's manifest names.
     *
     * @param maintainers their names
     */
    byte[] documentForOwners(List<String> stars, List<String> maintainers) {
        return fullDocument(revision(maintainers), stars, Optional.of(maintainers));
    }

    private byte[] fullDocument(String revision, List<String> stars, Optional<List<String>> maintainers) {
        return write(json -> {
            json.writeStringField("_id", view.name());
            json.writeStringField("_rev", revision);
            json.writeStringField("name", view.name());
            writeTags(json);
            writeVersions(json, true);
            writeTimes(json);
            writeLatest(json, maintainers);
            writeStars(json, stars);
        });
    }

    byte[] abbreviated() {
        return write(json -> {
            json.writeStringField("name", view.name());
            json.writeStringField("modified", TIME.format(modified()));
            writeTags(json);
            writeVersions(json, false);
            writeTimes(json);
        });
    }

    /**
     * Returns the revision, which changes with the content: clients send it back with a change to prove which state they read
     * (CouchDB's rule). Stars are not part of it: each is changed only by its owner, and would cause conflicts for everyone else.
     */
    String revision() {
        return revision("");
    }

    /** Returns the revision of {@link #documentForOwners}, which also changes with the maintainers. */
    String revision(List<String> maintainers) {
        return revision(people(maintainers).toString());
    }

    private String revision(String more) {
        var marks = new StringBuilder(distTags().toString());
        for (var release : releases) {
            marks.append(' ')
                    .append(release.id())
                    .append(release.publishedAt())
                    .append(new TreeMap<>(release.withdrawals()));
        }
        return releases.size() + "-"
                + NixHash.sha256(marks.append(more).toString().getBytes(StandardCharsets.UTF_8))
                        .hex()
                        .substring(0, 32);
    }

    /** @throws ProblemException Conflict if the client read another revision */
    void require(String revision) {
        requireSame(revision, revision());
    }

    /**
     * Checks the revision of a client that read {@link #documentForOwners}.
     *
     * @throws ProblemException Conflict if the client read another revision
     */
    void require(String revision, List<String> maintainers) {
        requireSame(revision, revision(maintainers));
    }

    private static void requireSame(String said, String now) {
        if (!said.equals(now)) {
            throw Problem.conflict(
                    "Document update conflict",
                    "Document update conflict. The package was changed since it was read; read it again.");
        }
    }

    static String time(Instant at) {
        return TIME.format(at);
    }

    private Optional<ReleaseInfo> newest() {
        return releases.stream()
                .filter(r -> !r.prerelease())
                .findFirst()
                .or(() -> releases.stream().findFirst());
    }

    private Instant modified() {
        return releases.stream()
                .map(ReleaseInfo::publishedAt)
                .max(Instant::compareTo)
                .orElse(Instant.EPOCH);
    }

    private void writeTags(JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("dist-tags");
        for (var tag : distTags().entrySet()) {
            json.writeStringField(tag.getKey(), tag.getValue());
        }
        json.writeEndObject();
    }

    private void writeVersions(JsonGenerator json, boolean all) throws IOException {
        json.writeObjectFieldStart("versions");
        for (var release : releases.reversed()) {
            json.writeFieldName(release.version());
            json.writeTree(all ? registered.manifest(release) : registered.abbreviated(release));
        }
        json.writeEndObject();
    }

    private void writeTimes(JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("time");
        var created = releases.stream()
                .map(ReleaseInfo::publishedAt)
                .min(Instant::compareTo)
                .orElse(Instant.EPOCH);
        json.writeStringField("created", TIME.format(created));
        json.writeStringField("modified", TIME.format(modified()));
        for (var release : releases.reversed()) {
            json.writeStringField(release.version(), TIME.format(release.publishedAt()));
        }
        json.writeEndObject();
    }

    private void writeLatest(JsonGenerator json, Optional<List<String>> maintainers) throws IOException {
        var latest = latest();
        if (latest.isEmpty()) {
            return;
        }
        var manifest = registered.manifest(latest.get());
        maintainers.ifPresent(names -> manifest.set(MAINTAINERS, people(names)));
        for (var member : FROM_LATEST) {
            if (manifest.has(member)) {
                json.writeFieldName(member);
                json.writeTree(manifest.get(member));
            }
        }
        var readme = latest.get().facts().readme();
        json.writeStringField("readme", readme.map(Facts.Readme::text).orElse(""));
        json.writeStringField("readmeFilename", readme.map(Packument::filename).orElse(""));
    }

    /** Clients print an email after every name, and "undefined" if it is missing. */
    private static ArrayNode people(List<String> names) {
        var people = NODES.arrayNode();
        names.forEach(name -> people.addObject().put("name", name).put("email", ""));
        return people;
    }

    private static void writeStars(JsonGenerator json, List<String> stars) throws IOException {
        if (stars.isEmpty()) {
            return;
        }
        json.writeObjectFieldStart("users");
        for (var name : stars) {
            json.writeBooleanField(name, true);
        }
        json.writeEndObject();
    }

    /** The original file name is not stored; clients only derive the format from it. */
    private static String filename(Facts.Readme readme) {
        return switch (readme.format()) {
            case "text/markdown" -> "README.md";
            case "text/x-rst" -> "README.rst";
            default -> "README";
        };
    }

    private static byte[] write(MemberWriter members) {
        var out = new ByteArrayOutputStream();
        // A Writer replaces unpaired surrogates, which a manifest may contain; the generator's own encoder fails on
        // them.
        try (var json = JSON.createGenerator(new OutputStreamWriter(out, StandardCharsets.UTF_8))) {
            json.writeStartObject();
            members.write(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private interface MemberWriter {
        void write(JsonGenerator json) throws IOException;
    }
}
