package dev.narthex.ecosystem.nix;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.narthex.ecosystem.ShellQuote;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.Derivation;
import dev.narthex.nix.DrvName;
import dev.narthex.nix.NarListing.Entry;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Candidate;
import dev.narthex.spi.Color;
import dev.narthex.spi.DerivationMeta;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.FoundArtifact;
import dev.narthex.spi.FoundRelease;
import dev.narthex.spi.InstallScripts;
import dev.narthex.spi.InstallSnippet;
import dev.narthex.spi.ReleaseInfo;
import dev.narthex.spi.StorePathClient;
import dev.narthex.spi.UntrustedJson;
import dev.narthex.spi.UntrustedText;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The nix ecosystem. Recognizes store paths whose name contains a version; all outputs of a derivation are one release. Other
 * store objects are not packages: derivations, text files written by the evaluator, downloaded files and archives.
 */
@Singleton
public class NixEcosystem implements Ecosystem, InstallScripts, StorePathClient {
    private static final Pattern PRERELEASE = Pattern.compile("(?i)(?:^|[^a-z])(?:pre|rc|alpha|beta)(?:$|[^a-z])");
    private static final Pattern SYSTEM = Pattern.compile("[A-Za-z0-9_]{1,32}-[A-Za-z0-9_-]{1,32}");
    private static final Pattern ARCHIVE = Pattern.compile(".*\\.(tar|tgz|tar\\.[a-z0-9]{2,4}|zip|whl)");
    private static final String ANY = "any";
    private static final String TRUST =
            "On multi-user Nix, only trusted users can pass these options; otherwise add them to nix.conf.";

    private final JsonMapper json = UntrustedJson.mapper().build();

    @Override
    public String id() {
        return "nix";
    }

    @Override
    public String title() {
        return "Nix";
    }

    @Override
    public Color color() {
        return new Color("#3f63c0", "#7f9df0");
    }

    @Override
    public String normalize(String name) {
        return name;
    }

    @Override
    public byte[] versionKey(String version) {
        return DrvName.versionKey(version);
    }

    @Override
    public boolean prerelease(String version) {
        return PRERELEASE.matcher(version).find();
    }

    @Override
    public Stream<FoundRelease> recognize(Candidate path) throws IOException {
        var named = isOutput(path) ? StorePathName.of(path) : Optional.<StorePathName>empty();
        if (named.isEmpty()) {
            return Stream.empty();
        }
        var name = named.get();
        var whole = new FoundArtifact(
                path.path().baseName(),
                FoundArtifact.Origin.PATH,
                name.output(),
                platform(path),
                0,
                path.narSize(),
                "");
        var facts = new NixFacts(path, name.name()).facts();
        return Stream.of(new FoundRelease(name.name(), name.version(), facts, List.of(), List.of(whole)));
    }

    @Override
    public List<InstallSnippet> install(ReleaseInfo release) {
        return release.artifacts().stream()
                .min(Comparator.comparing(NixEcosystem::rank))
                .map(artifact -> fetch(artifact.path(), release.baseUrl(), release.cache(), release.keys()))
                .stream()
                .toList();
    }

    @Override
    public InstallSnippet fetch(StorePath path, String baseUrl, String cache, List<String> keys) {
        return new InstallSnippet(
                title(),
                "nix-store --realise " + ShellQuote.of(path.toString()) + " --option extra-substituters "
                        + ShellQuote.of(baseUrl + "/" + cache) + " --option extra-trusted-public-keys "
                        + ShellQuote.of(String.join(" ", keys)),
                TRUST,
                "",
                Optional.of(path));
    }

    @Override
    public NixDetails details(ReleaseInfo release) {
        var meta = meta(release.facts().manifest());
        return new NixDetails(
                UntrustedText.line(meta.path("mainProgram").asText("")),
                UntrustedText.address(meta.path("changelog").asText("")),
                release.artifacts().stream()
                        .map(Artifact::output)
                        .distinct()
                        .sorted()
                        .toList());
    }

    /** Nix runs no code when it installs a store path. */
    @Override
    public List<Step> steps(ReleaseInfo release) {
        return List.of();
    }

    private JsonNode meta(String manifest) {
        try {
            return json.readTree(manifest);
        } catch (JsonProcessingException e) {
            return json.missingNode();
        }
    }

    private static boolean isOutput(Candidate path) {
        var text = path.path().name();
        boolean source = path.contentAddress()
                .filter(ca -> ca.isFlat() || ca instanceof ContentAddress.Text)
                .isPresent();
        boolean archive = path.listing().root() instanceof Entry.Regular
                && ARCHIVE.matcher(text).matches();
        return !path.path().isDerivation() && !source && !archive;
    }

    private static String platform(Candidate path) {
        return path.derivation()
                .map(Derivation::system)
                .or(() -> path.meta().map(DerivationMeta::system))
                .filter(system -> SYSTEM.matcher(system).matches())
                .orElse(ANY);
    }

    /** Ranks outputs by how likely users want them. */
    private static int rank(Artifact artifact) {
        return switch (artifact.output()) {
            case "bin" -> 0;
            case "out" -> 1;
            case "lib" -> 2;
            default -> 3;
        };
    }
}
