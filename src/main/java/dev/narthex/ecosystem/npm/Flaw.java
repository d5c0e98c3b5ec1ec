package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.nix.NixHash;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Something that is known to be wrong with a package, as an advisory of npm. Its publisher says what it is and nothing of how
 * bad it is or where it is mended, so the rating is the one that npm takes for an advisory without any
 * (npm/metavuln-calculator lib/advisory.js), the score is zero, and the title says so.
 *
 * @param page address where people read about it
 * @param title in its publisher's words, such as {@code CVE-2021-23337}
 * @param versions all that have it
 */
record Flaw(String name, String page, String title, List<String> versions) {
    static final String SEVERITY = "high";

    private static final Pattern CVE = Pattern.compile("\\bCVE-[0-9]{4}-[0-9]{4,}\\b");
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    Flaw {
        versions = List.copyOf(versions);
    }

    /** The same on every server; clients take it for a number of npm's own. */
    int id() {
        var digest = NixHash.sha256((name + "\n" + title).getBytes(StandardCharsets.UTF_8));
        return ByteBuffer.wrap(digest.bytes()).getInt() & Integer.MAX_VALUE;
    }

    String range() {
        return String.join(" || ", versions);
    }

    /** As the bulk endpoint has it. */
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

    /** As the older endpoints have it, without its findings. */
    ObjectNode whole() {
        var advisory = brief();
        advisory.put("module_name", name);
        // What npm writes where no version is known to be free of it.
        advisory.put("patched_versions", "<0.0.0");
        advisory.put("overview", "Its publisher says: " + title);
        advisory.put("recommendation", "Look at its page, and choose another version.");
        advisory.put("access", "public");
        var cves = advisory.putArray("cves");
        CVE.matcher(title).results().map(found -> found.group()).distinct().forEach(cves::add);
        return advisory;
    }
}
