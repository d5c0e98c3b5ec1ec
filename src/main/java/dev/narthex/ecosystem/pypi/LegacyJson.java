package dev.narthex.ecosystem.pypi;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.spi.PackageInfo;
import dev.narthex.spi.ReleaseInfo;
import dev.narthex.spi.UntrustedJson;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The legacy JSON of a project (warehouse documentation, "JSON API"), which update checkers and auditors read; installers do not.
 * Omits weak digests, and owners, which are unknown here.
 *
 * @param page URL of the project's page
 * @param index URL of the index, with a trailing slash
 */
record LegacyJson(PackageInfo project, List<ProjectFile> files, String page, String index) {
    private static final JsonMapper JSON = UntrustedJson.mapper().build();

    /** Members that contain one text, by the metadata field of their value; empty if the field is missing. */
    private static final Map<String, String> TEXTS = Map.of(
            "summary", "summary",
            "author", "author",
            "author_email", "author-email",
            "maintainer", "maintainer",
            "maintainer_email", "maintainer-email",
            "license", "license",
            "keywords", "keywords",
            "home_page", "home-page",
            "download_url", "download-url");

    /** Like TEXTS, but null if the field is missing. */
    private static final Map<String, String> MAYBE = Map.of(
            "description_content_type", "description-content-type",
            "license_expression", "license-expression",
            "requires_python", "requires-python");

    private static final Map<String, String> LISTS = Map.of(
            "license_files", "license-file",
            "platform", "platform",
            "requires_dist", "requires-dist",
            "provides_extra", "provides-extra",
            "dynamic", "dynamic");

    private static final Pattern ADVISORY =
            Pattern.compile("\\b(?:CVE-[0-9]{4}-[0-9]{4,10}|GHSA(?:-[0-9a-z]{4}){3}|PYSEC-[0-9]{4}-[0-9]{1,10})\\b");

    /** @param all whether to include the files of the other releases */
    byte[] body(ReleaseInfo release, boolean all) {
        var json = JSON.createObjectNode();
        json.set("info", info(release));
        json.put(
                "last_serial",
                files.stream().mapToLong(ProjectFile::serial).max().orElse(0));
        if (all) {
            var releases = json.putObject("releases");
            project.releases().reversed().forEach(r -> releases.set(r.version(), files(r)));
        }
        json.set("urls", files(release));
        var known = json.putArray("vulnerabilities");
        release.facts().vulnerabilities().forEach(text -> vulnerability(known.addObject(), text));
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    private ObjectNode info(ReleaseInfo release) {
        var metadata = CoreMetadata.parse(release.facts().manifest());
        var info = JSON.createObjectNode();
        info.put("name", release.name());
        info.put("version", release.version());
        info.put("description", metadata.body().isBlank() ? metadata.first("description") : metadata.body());
        TEXTS.forEach((member, field) -> info.put(member, metadata.first(field)));
        MAYBE.forEach(
                (member, field) -> info.put(member, metadata.all(field).isEmpty() ? null : metadata.first(field)));
        texts(info.putArray("classifiers"), metadata.all("classifier"));
        LISTS.forEach((member, field) -> {
            if (metadata.all(field).isEmpty()) {
                info.putNull(member);
            } else {
                texts(info.putArray(member), metadata.all(field));
            }
        });
        urls(info, metadata);
        info.put("package_url", page).put("project_url", page).put("release_url", page + "@" + release.version());
        info.putNull("bugtrack_url").putNull("docs_url");
        info.putObject("downloads").put("last_day", -1).put("last_week", -1).put("last_month", -1);
        yanked(info, Optional.ofNullable(release.withdrawals().get(ProjectFileCollector.YANKED)));
        return info;
    }

    private static void urls(ObjectNode info, CoreMetadata metadata) {
        if (metadata.all("project-url").isEmpty()) {
            info.putNull("project_urls");
            return;
        }
        var urls = info.putObject("project_urls");
        for (var url : metadata.all("project-url")) {
            int comma = url.indexOf(',');
            if (comma > 0) {
                urls.put(
                        url.substring(0, comma).strip(),
                        url.substring(comma + 1).strip());
            }
        }
    }

    private ArrayNode files(ReleaseInfo release) {
        var list = JSON.createArrayNode();
        files.stream()
                .filter(file -> file.version().equals(release.version()))
                .forEach(file -> file(list.addObject(), file));
        return list;
    }

    private void file(ObjectNode one, ProjectFile file) {
        one.put("filename", file.filename());
        one.put("url", index + file.address(project.normalized()));
        one.put("size", file.size());
        one.putObject("digests").put("sha256", file.sha256().hex());
        one.put("packagetype", file.wheel() ? "bdist_wheel" : "sdist");
        one.put("python_version", file.wheel() ? WheelTags.python(file.filename()) : "source");
        one.put("requires_python", file.requiresPython().isEmpty() ? null : file.requiresPython());
        one.put(
                "upload_time",
                file.at().truncatedTo(ChronoUnit.SECONDS).toString().replace("Z", ""));
        one.put("upload_time_iso_8601", file.time());
        one.put("comment_text", "").put("has_sig", false).put("downloads", -1);
        yanked(one, file.yanked());
    }

    private static void yanked(ObjectNode json, Optional<String> reason) {
        json.put("yanked", reason.isPresent());
        json.put("yanked_reason", reason.filter(r -> !r.isEmpty()).orElse(null));
    }

    /** Nix has one line of free text; the advisories that it names become the ids. */
    private static void vulnerability(ObjectNode json, String text) {
        var ids = ADVISORY.matcher(text)
                .results()
                .map(MatchResult::group)
                .distinct()
                .toList();
        var id = ids.isEmpty() ? text : ids.getFirst();
        json.put("id", id).put("source", "nixpkgs").put("summary", text).put("details", text);
        json.putNull("link").putNull("withdrawn").putArray("fixed_in");
        texts(json.putArray("aliases"), ids.stream().skip(1).toList());
    }

    private static void texts(ArrayNode array, List<String> texts) {
        texts.forEach(array::add);
    }
}
