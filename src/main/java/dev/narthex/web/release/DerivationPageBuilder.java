package dev.narthex.web.release;

import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.path.Paths;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.Derivation;
import dev.narthex.nix.NarListing.Entry;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import dev.narthex.nix.SurrogateEscapedText;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.publish.recognize.PathReader;
import dev.narthex.spi.Cache;
import dev.narthex.web.files.BrowseTarget;
import dev.narthex.web.path.PathHeaders;
import dev.narthex.web.view.DerivationView;
import dev.narthex.web.view.DerivationView.Input;
import dev.narthex.web.view.DerivationView.OutputLine;
import dev.narthex.web.view.DerivationView.Source;
import dev.narthex.web.view.DerivationView.Variable;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Builds the derivation page of a store path from the stored derivation. */
@ApplicationScoped
public class DerivationPageBuilder {
    private static final int SOURCES_READ = 8;
    private static final int SHOWN_VALUE = 64 * 1024;
    /** Maximum number of inputs, outputs or variables that are read, each. */
    static final int MAX_ENTRIES = 5000;

    private final Paths paths;
    private final PathReader reader;

    DerivationPageBuilder(Paths paths, PathReader reader) {
        this.paths = paths;
        this.reader = reader;
    }

    public DerivationView derivation(BrowseTarget subject) throws IOException {
        var recipe = PathHeaders.derivation(subject.path());
        if (recipe.isEmpty()) {
            return unreadable(subject, "", "", "");
        }
        var full = recipe.get().toString();
        var stored = paths.find(subject.cache().id(), recipe.get().hash())
                .filter(path -> path.path().equals(recipe.get()));
        if (stored.isEmpty()) {
            return unreadable(subject, full, "", "");
        }
        var url = Urls.storePath(subject.cache().name(), recipe.get().hash());
        try {
            var bytes = bytes(stored.get());
            return new PageAssembly(subject, full, url, Derivation.parse(bytes)).view();
        } catch (ProblemException e) {
            return unreadable(subject, full, url, e.problem().detail());
        }
    }

    /** Returns the derivation of a path as a side of a comparison; empty if it is not in the cache or cannot be read. */
    public Optional<DerivationDiff.DiffSide> side(BrowseTarget subject) throws IOException {
        var recipe = PathHeaders.derivation(subject.path())
                .flatMap(drv -> paths.find(subject.cache().id(), drv.hash())
                        .filter(path -> path.path().equals(drv)));
        var derivation = recipe.isPresent() ? reader.findDerivation(recipe.get()) : Optional.<Derivation>empty();
        return derivation.map(
                read -> DerivationDiff.DiffSide.of(subject.cache(), recipe.get().path(), read, paths));
    }

    /** Returns whether the path's derivation is in the cache and has the store path that nix computes from its text. */
    boolean isNamedByItsText(Cache cache, PathInfo path) throws IOException {
        var drv = PathHeaders.derivation(path).flatMap(recipe -> paths.find(cache.id(), recipe.hash()));
        return drv.isPresent()
                && new ContentAddress.Text(NixHash.sha256(bytes(drv.get())))
                        .matches(drv.get().path(), drv.get().references());
    }

    private byte[] bytes(PathInfo path) throws IOException {
        if (!(reader.listing(path).root() instanceof Entry.Regular file) || file.size() > Derivation.MAX_BYTES) {
            throw Problem.malformed("derivation", path.path().name(), "it is no file of a fit size.");
        }
        try (var in = reader.file(path, file).open()) {
            return in.readAllBytes();
        }
    }

    private static DerivationView unreadable(BrowseTarget subject, String derivation, String url, String problem) {
        var raw = url.isEmpty() ? "" : url + "/files?raw";
        return new DerivationView(
                subject.release(),
                subject.head(),
                derivation,
                url,
                raw,
                problem,
                "",
                "",
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }

    /** The page of one derivation, while it is being built. */
    private final class PageAssembly {
        private final BrowseTarget subject;
        private final Cache cache;
        private final String full;
        private final String url;
        private final Derivation derivation;
        private final Set<String> presentOutputs;

        private PageAssembly(BrowseTarget subject, String full, String url, Derivation derivation) {
            this.subject = subject;
            this.cache = subject.cache();
            this.full = full;
            this.url = url;
            this.derivation = derivation;
            this.presentOutputs = pathsInCache();
        }

        /** Finds all inputs and outputs that are in the cache, with one query. */
        private Set<String> pathsInCache() {
            var named = Stream.of(
                            derivation.inputDrvs().keySet(),
                            derivation.inputSrcs(),
                            derivation.outputs().values().stream()
                                    .map(Derivation.Output::path)
                                    .filter(path -> !path.isEmpty())
                                    .toList())
                    .flatMap(Collection::stream)
                    .limit(MAX_ENTRIES)
                    .map(path -> StorePath.parse(path).baseName())
                    .toList();
            return paths.summaries(cache.id(), named).stream()
                    .map(line -> line.path().toString())
                    .collect(Collectors.toCollection(HashSet::new));
        }

        private DerivationView view() throws IOException {
            return new DerivationView(
                    subject.release(),
                    subject.head(),
                    full,
                    url,
                    url + "/files?raw",
                    "",
                    SurrogateEscapedText.toDisplayText(derivation.system()),
                    SurrogateEscapedText.toDisplayText(derivation.builder()),
                    derivation.args().stream()
                            .map(SurrogateEscapedText::toDisplayText)
                            .limit(MAX_ENTRIES)
                            .toList(),
                    outputs(),
                    inputs(),
                    sources(),
                    environment());
        }

        private List<OutputLine> outputs() {
            return derivation.outputs().entrySet().stream()
                    .limit(MAX_ENTRIES)
                    .map(e -> {
                        var output = e.getValue();
                        var hash = output.isFixed() ? output.hashAlgo() + ":" + output.hash() : "";
                        return new OutputLine(
                                SurrogateEscapedText.toDisplayText(e.getKey()),
                                output.path(),
                                urlOf(output.path()),
                                hash);
                    })
                    .toList();
        }

        private List<Input> inputs() {
            var built = derivation.inputDrvs().entrySet().stream()
                    .map(e -> input(
                            e.getKey(),
                            e.getValue().stream()
                                    .map(SurrogateEscapedText::toDisplayText)
                                    .toList()));
            var sources = derivation.inputSrcs().stream().map(path -> input(path, List.of()));
            return Stream.concat(built, sources).limit(MAX_ENTRIES).toList();
        }

        private Input input(String path, List<String> outputs) {
            return new Input(path, StorePath.parse(path).name(), outputs, urlOf(path));
        }

        private String urlOf(String path) {
            return presentOutputs.contains(path)
                    ? Urls.storePath(cache.name(), StorePath.parse(path).hash())
                    : "";
        }

        /**
         * Returns the downloads of this derivation. Without any, it returns those of the input derivations that build its
         * {@code src} or {@code srcs}.
         */
        private List<Source> sources() throws IOException {
            var sources = new ArrayList<>(addresses(derivation));
            if (sources.isEmpty()) {
                for (var drv : sourceDerivations()) {
                    var path = paths.find(cache.id(), StorePath.parse(drv).hash());
                    if (path.isPresent()) {
                        reader.findDerivation(path.get())
                                .map(DerivationPageBuilder::addresses)
                                .ifPresent(sources::addAll);
                    }
                }
            }
            return sources;
        }

        private List<String> sourceDerivations() {
            var names = Stream.of("src", "srcs")
                    .flatMap(variable -> derivation.attribute(variable).stream())
                    .flatMap(value -> Stream.of(value.split("\\s+")))
                    .filter(value -> value.startsWith(StorePath.STORE_DIR + "/"))
                    .map(value -> value.substring(Math.min(value.length(), StorePath.STORE_DIR.length() + 34)))
                    .map(name -> "-" + name.split("/", 2)[0] + ".drv")
                    .collect(Collectors.toSet());
            return derivation.inputDrvs().keySet().stream()
                    .filter(presentOutputs::contains)
                    .filter(drv -> names.stream().anyMatch(drv::endsWith))
                    .limit(SOURCES_READ)
                    .toList();
        }

        private List<Variable> environment() {
            return derivation.env().entrySet().stream()
                    .limit(MAX_ENTRIES)
                    .map(e -> new Variable(
                            SurrogateEscapedText.toDisplayText(e.getKey()),
                            truncate(SurrogateEscapedText.toDisplayText(e.getValue()))))
                    .toList();
        }

        private static String truncate(String value) {
            return value.length() <= SHOWN_VALUE ? value : value.substring(0, SHOWN_VALUE) + "…";
        }
    }

    private static List<Source> addresses(Derivation derivation) {
        var hash = derivation
                .attribute("outputHash")
                .map(SurrogateEscapedText::toDisplayText)
                .orElse("");
        return Stream.of("urls", "url")
                .flatMap(variable -> derivation.attribute(variable).stream())
                .flatMap(value -> Stream.of(value.split("\\s+")))
                .filter(address -> !address.isEmpty())
                .distinct()
                .limit(SOURCES_READ)
                .map(address -> new Source(SurrogateEscapedText.toDisplayText(address), hash))
                .toList();
    }
}
