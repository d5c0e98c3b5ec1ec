package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.nix.NixHash;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A known vulnerability of a package, as an npm advisory. The publisher names the vulnerability but neither its severity nor a
 * fixed version. Therefore the severity is the one that npm assumes for an unrated advisory (npm/metavuln-calculator
 * lib/advisory.js), the score is zero, and the title says that it is unrated.
 *
 * @param page URL of the page about the affected package
 * @param title in its publisher's words, such as {@code CVE-2021-23337}
 * @param versions all affected versions
 */
record Advisory(String name, String page, String title, List<String> versions) {
    static final String SEVERITY = "high";

    private static final Pattern CVE = Pattern.compile("\\bCVE-[0-9]{4}-[0-9]{4,}\\b");
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    Advisory {
        versions = List.copyOf(versions);
    }

    /** Returns an id that is the same on every server. Clients treat it as an npm advisory number. */
    int id() {
        var digest = NixHash.sha256((name + "\n" + title).getBytes(StandardCharsets.UTF_8));
        return ByteBuffer.wrap(digest.bytes()).getInt() & Integer.MAX_VALUE;
    }

    String range() {
        return String.join(" || ", versions);
    }

    /** Returns the advisory in the format of the bulk endpoint. */
    ObjectNode brief() {
        var advisory = NODES.objectNode();
        advisory.put("id", id());
        advisory.put("url", page);
        advisory.put("title", title + " (its publisher does not rate it)");
        advisory.put("severity", SEVERITY);
        advisory.put("vulnerable_versions", range());
        advisory.putArray("cwe");
        advisory.putObject("cvss").put("score", 0).putNull("vectorString");
        return advisory;
    }

    /** Returns the advisory in the format of the older endpoints, without its findings. */
    ObjectNode toLegacyJson() {
        var advisory = brief();
        advisory.put("module_name", name);
        // npm's value if no fixed version is known
        advisory.put("patched_versions", "<0.0.0");
        advisory.put("overview", "Its publisher says: " + title);
        advisory.put("recommendation", "See its page, and choose another version.");
        advisory.put("access", "public");
        var cves = advisory.putArray("cves");
        CVE.matcher(title).results().map(match -> match.group()).distinct().forEach(cves::add);
        return advisory;
    }
}
