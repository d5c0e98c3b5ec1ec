package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.PackageEdit;
import dev.narthex.spi.ReleaseInfo;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Applies the change that a client requests by sending back a package's modified document (npm/cli
 * workspaces/libnpmpublish/lib/unpublish.js, lib/commands/deprecate.js). Existing versions are immutable; they can only be
 * deprecated or removed, and tags can be moved.
 */
final class PackumentEdit {
    static final String DEPRECATED = "deprecated";
    private static final int MAX_REASON_LENGTH = 1000;

    /** Members of a manifest that must not change once the version is published. */
    private static final List<String> FIXED = List.of("name", "version", "dependencies", "scripts", "bin");

    private final Packument current;
    private final PackageEdit edit;

    /** @param now the current state, which is locked until the edit is done */
    PackumentEdit(Packument now, PackageEdit edit) {
        this.current = now;
        this.edit = edit;
    }

    /** @throws dev.narthex.problem.ProblemException Conflict if the client read another revision */
    PackumentEdit require(String revision) {
        current.require(revision);
        return this;
    }

    /** Deprecates versions, or undoes it. */
    void deprecate(ObjectNode document) {
        var body = document.path("versions");
        if (!names(body).equals(versions())) {
            throw forbidden("Versions are added by publishing their tarballs, and removed by npm unpublish.");
        }
        for (var release : current.releases()) {
            var previous = current.manifest(release);
            var manifest = body.path(release.version());
            requireSame(release.version(), previous, manifest);
            var reason = reason(manifest.path(DEPRECATED));
            if (!reason.equals(reason(previous.path(DEPRECATED)))) {
                edit.withdraw(release.version(), DEPRECATED, Optional.of(reason).filter(text -> !text.isEmpty()));
            }
        }
    }

    /** Removes the versions that the document lacks. */
    void removeOthers(ObjectNode document) {
        if (!document.path("versions").isObject()) {
            throw forbidden("The document has no versions; it must contain those to keep.");
        }
        var sent = names(document.path("versions"));
        if (sent.isEmpty() || !versions().containsAll(sent)) {
            throw forbidden("Versions are added by publishing their tarballs.");
        }
        versions().stream().filter(version -> !sent.contains(version)).forEach(edit::remove);
        tags(document.path("dist-tags"));
    }

    void removeAll() {
        current.releases().forEach(release -> edit.remove(release.version()));
    }

    /** Moves the remaining tags. Tags of removed versions are already gone. */
    private void tags(JsonNode body) {
        var previous = current.distTags();
        body.properties().forEach(tag -> {
            var version = tag.getValue().asText("");
            if (!version.equals(previous.get(tag.getKey()))) {
                DistTag.require(tag.getKey());
                edit.tag(tag.getKey(), version);
            }
        });
    }

    private Set<String> versions() {
        return current.releases().stream().map(ReleaseInfo::version).collect(Collectors.toSet());
    }

    private static Set<String> names(JsonNode object) {
        return object.propertyStream().map(Map.Entry::getKey).collect(Collectors.toSet());
    }

    private static void requireSame(String version, JsonNode previous, JsonNode body) {
        boolean same = FIXED.stream().allMatch(member -> Objects.equals(previous.get(member), body.get(member)))
                && previous.path("dist")
                        .path("integrity")
                        .equals(body.path("dist").path("integrity"));
        if (!same) {
            throw forbidden("The version " + version
                    + " is published and stays as it is; only its deprecation can be changed. Publish another one.");
        }
    }

    private static String reason(JsonNode deprecated) {
        var text = deprecated.isTextual() ? deprecated.textValue().strip() : "";
        if (text.length() > MAX_REASON_LENGTH || text.chars().anyMatch(c -> c == 0)) {
            throw Problem.malformed(DEPRECATED, text, "use a reason of at most " + MAX_REASON_LENGTH + " characters.");
        }
        return text;
    }

    private static ProblemException forbidden(String why) {
        return Problem.forbidden(why);
    }
}
