package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.narthex.spi.UntrustedText;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Converts the {@code repository} of a package.json to a URL for browsers. npm supports short forms for some hosts
 * (npm/hosted-git-info lib/hosts.js) and URLs of git's transports.
 */
final class RepositoryUrl {
    private static final Map<String, String> HOSTS = Map.of(
            "github", "https://github.com/",
            "gitlab", "https://gitlab.com/",
            "bitbucket", "https://bitbucket.org/",
            "gist", "https://gist.github.com/");
    private static final Pattern SHORT =
            Pattern.compile("(?:(github|gitlab|bitbucket|gist):)?([A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*)(?:#.*)?");
    private static final Pattern GIT =
            Pattern.compile("(?:git\\+)?(?:git|ssh|https?)://(?:[^/@]*@)?([^/:@]+(?::\\d+)?)[/:](.+)");
    private static final Pattern SCP = Pattern.compile("[A-Za-z0-9_.-]+@([A-Za-z0-9.-]+):(.+)");
    private static final int MAX_LENGTH = 1000;

    private RepositoryUrl() {}

    /** @return empty if there is no URL that a browser can open */
    static String address(JsonNode repository) {
        var text = (repository.isTextual() ? repository : repository.path("url"))
                .asText("")
                .strip();
        return text.length() > MAX_LENGTH ? "" : UntrustedText.address(webUrl(text));
    }

    private static String webUrl(String text) {
        var git = GIT.matcher(text);
        if (git.matches()) {
            var scheme = text.startsWith("http://") || text.startsWith("git+http://") ? "http://" : "https://";
            return scheme + git.group(1) + "/" + plainUrl(git.group(2));
        }
        var scp = SCP.matcher(text);
        if (scp.matches()) {
            return "https://" + scp.group(1) + "/" + plainUrl(scp.group(2));
        }
        var brief = SHORT.matcher(text);
        if (brief.matches() && (brief.group(1) != null || brief.group(2).indexOf('/') > 0)) {
            var host = brief.group(1) == null ? "github" : brief.group(1);
            return HOSTS.getOrDefault(host, "") + plainUrl(brief.group(2));
        }
        return "";
    }

    private static String plainUrl(String path) {
        return path.replaceFirst("#.*$", "").replaceFirst("\\.git/?$", "");
    }
}
