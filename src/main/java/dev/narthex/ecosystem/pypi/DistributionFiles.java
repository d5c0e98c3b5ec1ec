package dev.narthex.ecosystem.pypi;

import dev.narthex.nix.NarListing.Entry;
import dev.narthex.spi.Candidate;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The wheels and source distributions in a path, by their file names; wheels first, since their metadata is final.
 *
 * @param others reasons why the other entries of the directory are not distributions, by name
 */
record DistributionFiles(SequencedMap<DistributionName, DistributionFile> files, SequencedMap<String, String> ignored) {
    static final int MAX_FILES = 100;

    /** @param file path in the NAR, empty for its root */
    record DistributionFile(String file, Entry.Regular entry) {}

    static DistributionFiles of(Candidate path) {
        return switch (path.listing().root()) {
            case Entry.Regular file -> file(path.path().name(), file);
            case Entry.Directory folder -> folder(folder);
            case Entry.Symlink _ -> new DistributionFiles(new LinkedHashMap<>(), new LinkedHashMap<>());
        };
    }

    private static DistributionFiles file(String filename, Entry.Regular file) {
        var files = new LinkedHashMap<DistributionName, DistributionFile>();
        DistributionName.parse(filename).ifPresent(name -> files.put(name, new DistributionFile("", file)));
        return new DistributionFiles(files, new LinkedHashMap<>());
    }

    private static DistributionFiles folder(Entry.Directory folder) {
        var files = new LinkedHashMap<DistributionName, DistributionFile>();
        var others = new LinkedHashMap<String, String>();
        folder.entries().entrySet().stream()
                .sorted(Comparator.comparing((Map.Entry<String, Entry> entry) ->
                                !entry.getKey().endsWith(".whl"))
                        .thenComparing(Map.Entry::getKey))
                .forEach(entry -> {
                    var name = DistributionName.parse(entry.getKey());
                    switch (entry.getValue()) {
                        case Entry.Regular file
                        when name.isPresent() -> files.put(name.get(), new DistributionFile(entry.getKey(), file));
                        case Entry.Regular _ ->
                            others.put(entry.getKey(), "its name is not that of a wheel or source distribution");
                        case Entry.Symlink _ -> others.put(entry.getKey(), "it is a link");
                        case Entry.Directory _ -> {}
                    }
                });
        return new DistributionFiles(files, others);
    }

    /** Whether all files belong to one project. A directory with several projects is a collection of other people's packages. */
    boolean ofOneProject() {
        return files.keySet().stream()
                        .map(name -> ProjectName.normalize(name.project()))
                        .distinct()
                        .count()
                == 1;
    }

    boolean tooMany() {
        return files.size() > MAX_FILES;
    }
}
