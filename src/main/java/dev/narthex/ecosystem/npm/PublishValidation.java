package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.archive.ArchiveRejectedException;
import dev.narthex.archive.CountingSourceStream;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Attestation;
import dev.narthex.spi.Publication;
import dev.narthex.spi.Publication.NameSimilarity;
import dev.narthex.spi.PublishTarget;
import dev.narthex.spi.ReceivedFile;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.zip.ZipException;

/**
 * Validates one version that a client publishes. Its later documents are built from the tarball, so the sent document must agree
 * with it: people who read a registry's documents expect to see what they install ("manifest confusion").
 */
final class PublishValidation {
    /** Members that affect what runs on install. */
    private static final List<String> COMPARED = List.of("scripts", "bin");

    /** npm adds this script to packages that have a server.js and no start script. */
    private static final String START = "start";

    private static final Pattern FROM_BIN = Pattern.compile("^(\\.[/\\\\])?node_modules[/\\\\]\\.bin[/\\\\]");
    private static final int MAX_TAGS = 20;

    private final NpmName name;
    private final ObjectNode document;
    private final ReceivedFile file;
    private final Optional<String> provenance;

    private PublishValidation(NpmName name, ObjectNode document, ReceivedFile file, Optional<String> provenance) {
        this.name = name;
        this.document = document;
        this.file = file;
        this.provenance = provenance;
    }

    /** @param name from the URL */
    static Publication validate(NpmName name, PublishDocument document) throws IOException {
        var attachment = document.attachment().orElseThrow();
        return new PublishValidation(name, document.members(), attachment.file(), document.provenance())
                .validated(attachment.length());
    }

    private Publication validated(long saidLength) throws IOException {
        requireSame("name", name.toString(), document.path("name").asText(name.toString()));
        var version = version();
        var manifest = document.path("versions").path(version.toString());
        checkManifest(manifest, version);
        var tags = tags(version);
        checkFile(manifest.path("dist"), saidLength);
        var tarball = tarball();
        var json = packageJson(tarball, version);
        compare(manifest, json, tarball);
        return new Publication(
                name.toString(),
                version.toString(),
                NpmEcosystem.facts(json, tarball, List.of()),
                json.dependencies(),
                name.tarball(version.toString()),
                HashAlgorithm.SHA512,
                tags,
                attestations(version),
                name.scope().isEmpty() ? NameSimilarity.IN_PUNCTUATION : NameSimilarity.FROM_NONE);
    }

    /** Refuses with the wording of npm's own registry, which npm recognizes. */
    static void requireFree(PublishTarget target, String version, NixHash sha256) {
        target.similar().ifPresent(similar -> {
            throw Problem.forbidden("Package name too similar to existing package “" + similar
                    + "”: they differ only in case and punctuation. Choose another name.");
        });
        if (target.takenByOthers(sha256)) {
            throw versionExists(version, "This version exists with other bytes; increase the version.");
        }
        if (target.keptForOthers(sha256)) {
            throw versionExists(
                    version,
                    "This version was removed and can be published again with the same bytes only; increase the version.");
        }
    }

    private static ProblemException versionExists(String version, String why) {
        return Problem.forbidden("You cannot publish over the previously published versions: " + version + ". " + why);
    }

    private List<Attestation> attestations(NpmVersion version) {
        if (provenance.isEmpty()) {
            return List.of();
        }
        try {
            return List.of(SigstoreProvenance.verify(provenance.get(), name, version, file.hash(HashAlgorithm.SHA512)));
        } catch (ArchiveRejectedException e) {
            throw mismatch("provenance", "The provenance is invalid. " + e.getMessage());
        }
    }

    private NpmVersion version() {
        var versions = document.path("versions");
        if (!versions.isObject() || versions.size() != 1) {
            throw mismatch("versions", "A document publishes one version; this one has " + versions.size() + ".");
        }
        var text = versions.fieldNames().next();
        return NpmVersion.parse(text)
                .filter(version -> version.toString().equals(text))
                .orElseThrow(() -> Problem.malformed(
                        "version", text, "versions are three numbers as in 1.4.2 or 1.4.2-beta.1 (semver 2.0.0)."));
    }

    private void checkManifest(JsonNode manifest, NpmVersion version) {
        requireSame("name", name.toString(), manifest.path("name").asText(""));
        var declaredVersion = NpmVersion.parse(manifest.path("version").asText(""));
        if (declaredVersion.filter(version::equals).isEmpty()) {
            throw mismatch(
                    "version",
                    "The manifest says version “" + manifest.path("version").asText("") + "”, but is sent as " + version
                            + ".");
        }
    }

    private List<String> tags(NpmVersion version) {
        var node = document.path("dist-tags");
        if (node.size() > MAX_TAGS) {
            throw Problem.tooLarge("dist-tags", "A version is published under at most " + MAX_TAGS + " tags.");
        }
        node.properties().forEach(tag -> {
            DistTag.require(tag.getKey());
            if (!tag.getValue().asText("").equals(version.toString())) {
                throw mismatch(
                        "dist-tags",
                        "The tag “" + tag.getKey() + "” must refer to the published version, " + version + ".");
            }
        });
        return node.properties().stream().map(tag -> tag.getKey()).toList();
    }

    private void checkFile(JsonNode dist, long saidLength) {
        if (saidLength >= 0 && saidLength != file.length()) {
            throw mismatch(
                    "length", "The tarball has " + file.length() + " bytes, the document says " + saidLength + ".");
        }
        var shasum = dist.path("shasum").asText("");
        if (!shasum.isEmpty()) {
            checkDigest("shasum", "sha1-" + shasum);
        }
        for (var digest : dist.path("integrity").asText("").strip().split("\\s+")) {
            if (!digest.isEmpty()) {
                checkDigest("integrity", digest);
            }
        }
    }

    /** Skips unknown algorithms; SHA-512 is always computed anyway. */
    private void checkDigest(String member, String text) {
        var algorithm = switch (text.substring(0, Math.max(text.indexOf('-'), 0))) {
            case "sha1" -> Optional.of(HashAlgorithm.SHA1);
            case "sha256" -> Optional.of(HashAlgorithm.SHA256);
            case "sha512" -> Optional.of(HashAlgorithm.SHA512);
            default -> Optional.<HashAlgorithm>empty();
        };
        algorithm.ifPresent(known -> {
            var declared = parseHash(member, text, known);
            if (!declared.equals(file.hash(known))) {
                throw mismatch(
                        member,
                        "The tarball was changed or cut on its way: its " + known.id() + " is "
                                + (member.equals("shasum")
                                        ? file.hash(known).hex()
                                        : file.hash(known).sri())
                                + ", the document says " + text + ".");
            }
        });
    }

    private static NixHash parseHash(String member, String text, HashAlgorithm algorithm) {
        try {
            return member.equals("shasum")
                    ? NixHash.parse(text.substring("sha1-".length()), algorithm)
                    : NixHash.parse(text.replaceFirst("\\?.*", ""), algorithm);
        } catch (ProblemException e) {
            throw Problem.malformed(member, text, "this is no digest.");
        }
    }

    private NpmTarball tarball() throws IOException {
        try (var source = new CountingSourceStream(file.open())) {
            try {
                return NpmTarball.read(source)
                        .orElseThrow(() -> mismatch("tarball", "The tarball has no package.json in its first folder."));
            } catch (ArchiveRejectedException e) {
                throw mismatch("tarball", e.getMessage() + " Nothing was published.");
            } catch (ZipException | EOFException e) {
                throw mismatch("tarball", "The attachment is no tar packed by gzip, or only a part of one.");
            }
        }
    }

    private PackageJson packageJson(NpmTarball tarball, NpmVersion version) {
        var json = PackageJson.parse(tarball.packageJson())
                .orElseThrow(() -> mismatch("tarball", "The package.json in the tarball is no JSON object."));
        if (json.secret()) {
            throw mismatch("private", "Its package.json has \"private\": true, so it cannot be published.");
        }
        if (json.name().filter(name::equals).isEmpty()) {
            throw manifestMismatch("name", json.text("name"), name.toString());
        }
        if (json.version().filter(version::equals).isEmpty()) {
            throw manifestMismatch("version", json.text("version"), version.toString());
        }
        return json;
    }

    private void compare(JsonNode manifest, PackageJson json, NpmTarball tarball) {
        var declared = form(new PackageJson((ObjectNode) manifest, ""), tarball.unpacked());
        var stored = form(json, tarball.unpacked());
        for (var member : COMPARED) {
            if (!texts(declared.path(member)).equals(texts(stored.path(member)))) {
                throw manifestMismatch(
                        member,
                        stored.path(member).toString(),
                        declared.path(member).toString());
            }
        }
        var saidNeeds = mergedDependencies(declared);
        var heldNeeds = mergedDependencies(stored);
        if (!saidNeeds.equals(heldNeeds)) {
            throw manifestMismatch("dependencies", heldNeeds.toString(), saidNeeds.toString());
        }
    }

    /** Returns the manifest in the form that npm's registry would store, whichever client sent it. */
    private static ObjectNode form(PackageJson json, UnpackedStats unpacked) {
        var form = NormalizedManifest.of(json, unpacked);
        if (form.path("scripts") instanceof ObjectNode scripts) {
            if (scripts.path(START).asText("").equals("node server.js")) {
                scripts.remove(START);
            }
            scripts.properties()
                    .forEach(script -> scripts.put(
                            script.getKey(),
                            FROM_BIN.matcher(script.getValue().asText()).replaceFirst("")));
        }
        return form;
    }

    /** Merges optional dependencies, because only some clients repeat them under {@code dependencies}. */
    private static TreeMap<String, String> mergedDependencies(ObjectNode form) {
        var needs = texts(form.path("dependencies"));
        needs.putAll(texts(form.path("optionalDependencies")));
        return needs;
    }

    private static TreeMap<String, String> texts(JsonNode object) {
        var texts = new TreeMap<String, String>();
        object.properties()
                .forEach(member ->
                        texts.put(member.getKey(), member.getValue().asText("").strip()));
        return texts;
    }

    private static void requireSame(String what, String expected, String said) {
        if (!said.equals(expected)) {
            throw mismatch(what, "The document says " + what + " “" + said + "”, but is sent to “" + expected + "”.");
        }
    }

    private static ProblemException manifestMismatch(String member, String held, String said) {
        return mismatch(
                member,
                "The manifest and the package.json in the tarball differ in " + member + ": “" + shorten(said)
                        + "” and “" + shorten(held) + "”.");
    }

    private static String shorten(String text) {
        return text.length() > 100 ? text.substring(0, 100) + "…" : text;
    }

    private static ProblemException mismatch(String what, String detail) {
        return Problem.mismatch(what, detail);
    }
}
