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
import dev.narthex.spi.PackageView;
import dev.narthex.spi.ReleaseView;
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
 * The document of a package (npm/registry docs/responses/package-metadata.md), whole or abbreviated. Versions are written
 * oldest first, as npm's own registry does; {@code time} stands in both forms, since clients that refuse young versions need
 * it and would otherwise load the whole document.
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

    private final PackageView view;
    private final List<ReleaseView> releases;
    private final Registered registered;

    /** Without signatures. */
    Packument(PackageView view, String registryUrl) {
        this(view, new Registered(registryUrl, Optional.empty()));
    }

    Packument(PackageView view, Registered registered) {
        this.view = view;
        this.releases = view.releases().stream()
                .filter(r -> Registered.tarball(r).isPresent())
                .toList();
        this.registered = registered;
    }

    boolean isEmpty() {
        return releases.isEmpty();
    }

    /** Every package has "latest", and only to a version that is there: clients stop without it. */
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

    List<ReleaseView> releases() {
        return releases;
    }

    /** The release that is meant without a version. */
    Optional<ReleaseView> latest() {
        return release("latest");
    }

    Optional<ReleaseView> release(String versionOrTag) {
        var version = distTags().getOrDefault(versionOrTag, versionOrTag);
        return releases.stream().filter(r -> r.version().equals(version)).findFirst();
    }

    ObjectNode manifest(ReleaseView release) {
        return registered.manifest(release);
    }

    /**
     * For everybody who may read it.
     *
     * @param stars what people are called who marked it
     */
    byte[] whole(List<String> stars) {
        return whole(revision(), stars, Optional.empty());
    }

    /**
     * For whoever may be told who maintains it, which is a matter of its cache and not of what its versions say of
     * themselves.
     *
     * @param maintainers what they are called
     */
    byte[] owned(List<String> stars, List<String> maintainers) {
        return whole(revision(maintainers), stars, Optional.of(maintainers));
    }

    private byte[] whole(String revision, List<String> stars, Optional<List<String>> maintainers) {
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
     * Another whenever what stands here is: what a client read is what it means to change (the rule of CouchDB's
     * documents). Stars do not count: each is changed by nobody but whose it is, and would stand in the way of all
     * others.
     */
    String revision() {
        return revision("");
    }

    /** The same of {@link #owned}, which a change of its maintainers makes another too. */
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

    /** @throws ProblemException Conflict if a client read another one */
    void require(String revision) {
        requireSame(revision, revision());
    }

    /** The same of a client that read {@link #owned}. */
    void require(String revision, List<String> maintainers) {
        requireSame(revision, revision(maintainers));
    }

    private static void requireSame(String said, String now) {
        if (!said.equals(now)) {
            throw new Problem.Conflict(
                            "Document update conflict",
                            "Document update conflict. The package was changed since it was read; read it again.")
                    .asException();
        }
    }

    static String time(Instant at) {
        return TIME.format(at);
    }

    private Optional<ReleaseView> newest() {
        return releases.stream()
                .filter(r -> !r.prerelease())
                .findFirst()
                .or(() -> releases.stream().findFirst());
    }

    private Instant modified() {
        return releases.stream()
                .map(ReleaseView::publishedAt)
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
                .map(ReleaseView::publishedAt)
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

    /** Clients print an address behind every name; one that is missing they print as "undefined". */
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

    /** The name it had is not kept; what clients want to know from it is the format. */
    private static String filename(Facts.Readme readme) {
        return switch (readme.format()) {
            case "text/markdown" -> "README.md";
            case "text/x-rst" -> "README.rst";
            default -> "README";
        };
    }

    private static byte[] write(Members members) {
        var out = new ByteArrayOutputStream();
        // A writer replaces half a surrogate pair, which a manifest may hold; the generator's own encoder stops at it.
        try (var json = JSON.createGenerator(new OutputStreamWriter(out, StandardCharsets.UTF_8))) {
            json.writeStartObject();
            members.write(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private interface Members {
        void write(JsonGenerator json) throws IOException;
    }
}
