package dev.narthex.publish.registry;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The release in a URL such as {@code @scope/name@1.0.0/files}. It need not exist.
 *
 * @param name may contain slashes and begin with {@code @scope/}
 * @param version version or tag; may be empty
 * @param rest segments after the version
 */
public record ReleaseName(String name, String version, List<String> rest) {
    /**
     * Parses decoded segments. The name ends in the first segment that has an at sign after its first character: no ecosystem
     * allows a later at sign in names, but file paths after the version may contain one.
     *
     * @return absent if the segments name no version
     */
    public static Optional<ReleaseName> parse(List<String> segments) {
        for (int i = 0; i < segments.size(); i++) {
            var segment = segments.get(i);
            int at = segment.lastIndexOf('@');
            if (at > 0) {
                var name = new ArrayList<>(segments.subList(0, i));
                name.add(segment.substring(0, at));
                return Optional.of(new ReleaseName(
                        String.join("/", name), segment.substring(at + 1), segments.subList(i + 1, segments.size())));
            }
        }
        return Optional.empty();
    }
}
