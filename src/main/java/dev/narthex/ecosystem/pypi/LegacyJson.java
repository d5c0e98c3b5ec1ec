package dev.narthex.ecosystem.pypi;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.PackageView;
import dev.narthex.spi.ReleaseView;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * The older JSON of a project (warehouse documentation, "JSON API"), which updaters and auditors read and installers do not.
 *
 * @param page address of the project's page
 * @param files address under which its files lie, without a slash at the end
 */
record LegacyJson(PackageView project, String page, String files) {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    /** Members that are one text, and the field they come from. */
    private static final Map<String, String> TEXTS = Map.ofEntries(
            Map.entry("summary", "summary"),
            Map.entry("description_content_type", "description-content-type"),
            Map.entry("author", "author"),
            Map.entry("author_email", "author-email"),
            Map.entry("maintainer", "maintainer"),
            Map.entry("maintainer_email", "maintainer-email"),
            Map.entry("license", "license"),
            Map.entry("license_expression", "license-expression"),
            Map.entry("keywords", "keywords"),
            Map.entry("home_page", "home-page"),
            Map.entry("download_url", "download-url"),
            Map.entry("requires_python", "requires-python"));

    private static final Map<String, String> LISTS =
            Map.of("classifiers", "classifier", "requires_dist", "requires-dist", "provides_extra", "provides-extra");

    /** @param all whether the files of the other releases are told too */
    byte[] body(ReleaseView release, boolean all) {
        var json = JSON.createObjectNode();
        json.set("info", info(release));
        json.put("last_serial", 0);
        if (all) {
            var releases = json.putObject("releases");
            project.releases().reversed().forEach(r -> releases.set(r.version(), files(r)));
        }
        json.set("urls", files(release));
        var known = json.putArray("vulnerabilities");
        for (var id : release.facts().vulnerabilities()) {
            known.addObject().put("id", id).put("details", id).putArray("aliases");
        }
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    private ObjectNode info(ReleaseView release) {
        var metadata = Metadata.parse(release.facts().manifest());
        var info = JSON.createObjectNode();
        info.put("name", release.name());
        info.put("version", release.version());
        info.put("description", release.facts().readme().map(r -> r.text()).orElse(""));
        TEXTS.forEach((member, field) -> info.put(member, metadata.first(field)));
        LISTS.forEach((member, field) -> texts(info.putArray(member), metadata.all(field)));
        var urls = info.putObject("project_urls");
        for (var url : metadata.all("project-url")) {
            int comma = url.indexOf(',');
            if (comma > 0) {
                urls.put(
                        url.substring(0, comma).strip(),
                        url.substring(comma + 1).strip());
            }
        }
        info.put("package_url", page).put("project_url", page).put("release_url", page + "@" + release.version());
        return info.put("yanked", false).putNull("yanked_reason");
    }

    private ArrayNode files(ReleaseView release) {
        var list = JSON.createArrayNode();
        var requires = Metadata.parse(release.facts().manifest()).requiresPython();
        release.artifacts().stream().filter(Artifact::released).forEach(file -> {
            var one = list.addObject();
            boolean wheel = file.filename().endsWith(".whl");
            one.put("filename", file.filename());
            one.put("url", files + "/" + file.sha256().hex() + "/" + ProjectPage.encode(file.filename()));
            one.put("size", file.length());
            one.putObject("digests").put("sha256", file.sha256().hex());
            one.put("packagetype", wheel ? "bdist_wheel" : "sdist");
            one.put("requires_python", requires);
            one.put("upload_time_iso_8601", ProjectPage.time(file.at()));
            one.put("yanked", false).putNull("yanked_reason");
        });
        return list;
    }

    private static void texts(ArrayNode array, List<String> texts) {
        texts.forEach(array::add);
    }
}
