package dev.narthex.ecosystem.pypi;

import dev.narthex.archive.ArchiveRejectedException;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Attestation;
import dev.narthex.spi.Publication;
import dev.narthex.spi.PublishTarget;
import dev.narthex.spi.ReceivedFile;
import dev.narthex.spi.UntrustedText;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Validates one uploaded file. Its later documents are built from the file, so the form must agree with it. Errors use PyPI's
 * wording where it exists (pypi/warehouse warehouse/forklift/legacy.py), because clients search for words in it.
 */
final class UploadValidation {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final UploadForm form;
    private final DistributionName name;
    private final ReceivedFile file;

    private UploadValidation(UploadForm form, DistributionName name, ReceivedFile file) {
        this.form = form;
        this.name = name;
        this.file = file;
    }

    /**
     * Returns the normalized project of an upload.
     *
     * @param name value of the form field
     */
    static String project(Optional<String> name) {
        var given = name.orElse("");
        if (!ProjectName.valid(given)) {
            throw Problem.mismatch(
                    "name",
                    "'" + UntrustedText.line(given).transform(UploadValidation::shorten)
                            + "' is an invalid value for Name. Names have letters, digits, and between them -, _ and .");
        }
        return ProjectName.normalize(given);
    }

    /** @param fresh whether the project does not exist yet */
    static Publication validate(UploadForm form, boolean fresh) throws IOException {
        var part = form.file().orElseThrow(() -> mismatch("file", "Upload payload does not have a file."));
        checkProtocol(form);
        var project = form.field(UploadForm.NAME).orElseThrow();
        if (fresh) {
            NewProjectNameRules.require(project);
        }
        var name = filename(part.filename(), project);
        return new UploadValidation(form, name, part.content()).validated();
    }

    private static void checkProtocol(UploadForm form) {
        form.field(":action").filter(action -> !action.equals("file_upload")).ifPresent(action -> {
            throw mismatch(":action", "Unknown action. Files are uploaded by file_upload.");
        });
        form.field("protocol_version").filter(version -> !version.equals("1")).ifPresent(version -> {
            throw mismatch("protocol_version", "Unknown protocol version.");
        });
    }

    private static DistributionName filename(String given, String project) {
        if (given.contains("/") || given.contains("\\")) {
            throw mismatch("file name", "Cannot upload a file with '/' or '\\' in the name.");
        }
        if (!given.endsWith(".whl") && !given.endsWith(".tar.gz")) {
            throw mismatch("file name", "Invalid file extension: Use .tar.gz or .whl extension.");
        }
        var name = DistributionName.parse(given)
                .orElseThrow(() -> mismatch(
                        "file name",
                        "Invalid " + (given.endsWith(".whl") ? "wheel" : "source distribution") + " filename '"
                                + shorten(UntrustedText.line(given))
                                + "'. See PEP 427 for wheels and PEP 625 for source distributions."));
        if (!ProjectName.normalize(name.project()).equals(ProjectName.normalize(project))) {
            throw mismatch("file name", "The filename for '" + project + "' must start with '" + project + "'.");
        }
        return name;
    }

    private Publication validated() throws IOException {
        checkForm();
        checkDigests();
        var contents = contents();
        var metadata = contents.metadata();
        return new Publication(
                metadata.name(),
                metadata.version(),
                metadata.facts(List.of()).withInside(contents.topLevelNames()),
                metadata.dependencies(),
                name.filename(),
                HashAlgorithm.SHA256,
                List.of(),
                attestations(),
                Publication.NameSimilarity.IN_LOOKS);
    }

    private List<Attestation> attestations() {
        var sent = form.field(UploadForm.ATTESTATIONS);
        if (sent.isEmpty()) {
            return List.of();
        }
        try {
            return PublishAttestation.verify(sent.get(), name.filename(), file.hash(HashAlgorithm.SHA256));
        } catch (ArchiveRejectedException e) {
            throw mismatch(UploadForm.ATTESTATIONS, "Invalid attestations supplied during upload: " + e.getMessage());
        }
    }

    private void checkForm() {
        var version = form.field("version").orElse("");
        if (PypiVersion.parse(version).isEmpty()) {
            throw mismatch(
                    "version",
                    "'" + shorten(UntrustedText.line(version))
                            + "' is an invalid value for Version. It must be one of PEP 440.");
        }
        if (!name.matches(name.project(), version)) {
            throw mismatch("version", "Version in filename should be '" + version + "' not '" + name.version() + "'.");
        }
        var expected = name.wheel() ? "bdist_wheel" : "sdist";
        form.field("filetype").filter(type -> !type.equals(expected)).ifPresent(type -> {
            throw mismatch("filetype", "Unknown type of file. '" + name.filename() + "' is a " + expected + ".");
        });
    }

    private void checkDigests() throws IOException {
        var sha256 = form.field("sha256_digest");
        if (sha256.isPresent()) {
            checkDigest(
                    "sha256_digest",
                    sha256.get(),
                    file.hash(HashAlgorithm.SHA256).hex());
        }
        var md5 = form.field("md5_digest");
        var blake2 = form.field("blake2_256_digest");
        if (md5.isPresent() || blake2.isPresent()) {
            var otherDigests = OtherDigests.of(file);
            md5.ifPresent(said -> checkDigest("md5_digest", said, otherDigests.md5));
            blake2.ifPresent(said -> checkDigest("blake2_256_digest", said, otherDigests.blake2));
        }
    }

    private static void checkDigest(String field, String said, String is) {
        if (!said.toLowerCase(Locale.ROOT).equals(is)) {
            throw mismatch(
                    field,
                    "The digest supplied does not match a digest calculated from the uploaded file: " + field + " is "
                            + is + ".");
        }
    }

    /** Digests in hex that clients send besides SHA-256. */
    private record OtherDigests(String md5, String blake2) {
        static OtherDigests of(ReceivedFile file) throws IOException {
            try (var in = file.open()) {
                var md5 = MessageDigest.getInstance("MD5");
                var blake2 = new Blake2b();
                var buffer = new byte[BUFFER_BYTES];
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    md5.update(buffer, 0, n);
                    blake2.update(buffer, 0, n);
                }
                return new OtherDigests(
                        HexFormat.of().formatHex(md5.digest()), HexFormat.of().formatHex(blake2.digest()));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private DistributionReader.DistributionContents contents() throws IOException {
        try {
            return new DistributionReader(name, this::open)
                    .read()
                    .orElseThrow(() -> invalid("It is not a gzipped tar with one folder that contains PKG-INFO."));
        } catch (ArchiveRejectedException e) {
            throw invalid(String.valueOf(e.getMessage()));
        }
    }

    private InputStream open() throws IOException {
        return file.open();
    }

    private static ProblemException invalid(String why) {
        return mismatch("file", "Invalid distribution file. " + why);
    }

    /**
     * Refuses a file whose name is not available. With {@code --skip-existing}, twine skips a file if it finds "already exist" in
     * the response (pypa/twine twine/commands/upload.py, skip_upload).
     */
    static void requireFree(PublishTarget target, Publication publication, NixHash sha256) {
        var filename = publication.filename();
        target.similar().ifPresent(similar -> {
            throw mismatch(
                    "name",
                    "The name '" + publication.name() + "' is too similar to an existing project, '" + similar + "'.");
        });
        if (target.takenByOthers(sha256)) {
            throw mismatch(
                    "file",
                    "File already exists ('" + filename + "', with sha256 hash '"
                            + target.taken().orElseThrow().hex() + "'). Publish it under another version.");
        }
        if (target.keptForOthers(sha256)) {
            throw mismatch(
                    "file",
                    "This filename has previously been used, you should use a different version: '" + filename
                            + "' already exists as a name that was deleted.");
        }
        var name = DistributionName.parse(filename).orElseThrow();
        target.others().stream()
                .flatMap(other -> DistributionName.parse(other).stream())
                .filter(name::isSameSdist)
                .findFirst()
                .ifPresent(other -> {
                    throw mismatch(
                            "file", "Only one sdist may be uploaded per release. There is '" + other.filename() + "'.");
                });
    }

    /** Shortens text from the client for error messages. */
    private static String shorten(String text) {
        return text.length() <= 100 ? text : text.substring(0, 100) + "…";
    }

    private static ProblemException mismatch(String what, String detail) {
        return Problem.mismatch(what, detail);
    }
}
