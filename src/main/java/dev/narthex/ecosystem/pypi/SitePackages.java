package dev.narthex.ecosystem.pypi;

import dev.narthex.nix.NarListing.Entry;
import dev.narthex.spi.Candidate;
import dev.narthex.spi.NotOfferedException;
import dev.narthex.spi.TranscodeResult;
import dev.narthex.spi.UntrustedText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds the projects installed in {@code lib/python3.X/site-packages} of a store path: one for each directory
 * {@code {name}-{version}.dist-info}. Links are skipped: in an environment of several packages they point to other paths.
 */
final class SitePackages {
    private static final String LIB = "lib";
    private static final Pattern PYTHON = Pattern.compile("python3\\.([0-9]{1,3})");
    private static final String DIST_INFO = ".dist-info";
    private static final String EGG_INFO = ".egg-info";
    private static final int MAX_PROJECTS = 200;

    private final Candidate path;

    SitePackages(Candidate path) {
        this.path = path;
    }

    /** Reads each project lazily. */
    Stream<TranscodeResult> projects() {
        var site = site();
        if (site.isEmpty()) {
            return Stream.of();
        }
        var infos = entries(site.get()).entrySet().stream()
                .filter(e -> e.getKey().endsWith(DIST_INFO) && e.getValue() instanceof Entry.Directory)
                .map(e -> new NameVersionStem(e.getKey().substring(0, e.getKey().length() - DIST_INFO.length())))
                .toList();
        var eggs = eggs(site.get(), infos);
        if (infos.size() + eggs.size() > MAX_PROJECTS) {
            return Stream.of(new TranscodeResult.RefusedPackage(
                    site.get(),
                    "",
                    "more than " + MAX_PROJECTS + " projects in one path are a collection of projects of others"));
        }
        return Stream.concat(
                infos.stream().map(stem -> inspect(site.get(), stem, infos)),
                eggs.stream().map(egg -> egg.refuse("it was installed without a wheel, and has no dist-info")));
    }

    /** Finds projects that only have the egg-info of old installers. Its name may end with the Python version. */
    private List<NameVersionStem> eggs(String site, List<NameVersionStem> infos) {
        var known = infos.stream().map(NameVersionStem::key).collect(Collectors.toSet());
        return entries(site).entrySet().stream()
                .filter(e -> e.getKey().endsWith(EGG_INFO) && !(e.getValue() instanceof Entry.Symlink))
                .map(e -> e.getKey().substring(0, e.getKey().length() - EGG_INFO.length()))
                .map(name -> new NameVersionStem(name.replaceFirst("-py3[.0-9]*$", "")))
                .filter(egg -> !known.contains(egg.key()))
                .toList();
    }

    private TranscodeResult inspect(String site, NameVersionStem stem, List<NameVersionStem> infos) {
        try {
            if (infos.stream().filter(other -> other.key().equals(stem.key())).count() > 1) {
                throw new NotOfferedException("site-packages has more than one dist-info folder for it");
            }
            return new InstalledProject(path, site, stem.text, infos.size() == 1).transcode();
        } catch (NotOfferedException e) {
            return stem.refuse(e.reason());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Name and version, as in a directory name. */
    private record NameVersionStem(String text) {
        private String name() {
            return text.substring(0, dash());
        }

        private int dash() {
            return text.indexOf('-') < 0 ? text.length() : text.lastIndexOf('-');
        }

        String key() {
            return ProjectName.normalize(name());
        }

        TranscodeResult.RefusedPackage refuse(String reason) {
            var version = text.substring(Math.min(dash() + 1, text.length()));
            return new TranscodeResult.RefusedPackage(UntrustedText.line(name()), UntrustedText.line(version), reason);
        }
    }

    /** Chooses the newest Python, if a path has several. */
    private Optional<String> site() {
        return entries(LIB).keySet().stream()
                .filter(name -> PYTHON.matcher(name).matches())
                .max(Comparator.comparingInt(name -> Integer.parseInt(name.substring("python3.".length()))))
                .map(name -> LIB + "/" + name + "/site-packages");
    }

    private Map<String, Entry> entries(String folder) {
        return path.listing().find(folder).orElse(null) instanceof Entry.Directory directory
                ? directory.entries()
                : Map.of();
    }
}
