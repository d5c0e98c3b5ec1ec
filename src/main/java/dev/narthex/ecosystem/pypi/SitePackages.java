package dev.narthex.ecosystem.pypi;

import dev.narthex.nix.NarListing.Entry;
import dev.narthex.spi.Candidate;
import dev.narthex.spi.NotOffered;
import dev.narthex.spi.Transcoded;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Projects installed in {@code lib/python3.X/site-packages} of a store path: each folder {@code {name}-{version}.dist-info}
 * is one. Where they are links, as in an environment of several packages, they belong to other paths.
 */
final class SitePackages {
    private static final String LIB = "lib";
    private static final Pattern PYTHON = Pattern.compile("python3\\.([0-9]{1,3})");
    private static final String DIST_INFO = ".dist-info";
    private static final int MOST_PROJECTS = 200;

    private final Candidate path;

    SitePackages(Candidate path) {
        this.path = path;
    }

    List<Transcoded> projects() throws IOException {
        var site = site();
        if (site.isEmpty()) {
            return List.of();
        }
        var infos = entries(site.get()).entrySet().stream()
                .filter(e -> e.getKey().endsWith(DIST_INFO) && e.getValue() instanceof Entry.Directory)
                .map(Map.Entry::getKey)
                .toList();
        if (infos.size() > MOST_PROJECTS) {
            return List.of(new Transcoded.Refusal(
                    site.get(),
                    "",
                    "more than " + MOST_PROJECTS + " projects in one path are a collection of what others made"));
        }
        var projects = new ArrayList<Transcoded>();
        for (var info : infos) {
            var stem = info.substring(0, info.length() - DIST_INFO.length());
            look(new Installed(path, site.get(), stem, infos.size() == 1)).ifPresent(projects::add);
        }
        return projects;
    }

    /** That of the newest Python, if a path has several. */
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

    private static Optional<Transcoded> look(Installed installed) throws IOException {
        var metadata = installed.metadata();
        if (metadata.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(installed.offer(metadata.get()));
        } catch (NotOffered e) {
            return Optional.of(
                    new Transcoded.Refusal(metadata.get().name(), metadata.get().version(), e.reason()));
        }
    }
}
