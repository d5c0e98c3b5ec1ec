package dev.narthex.web.release;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.web.page.Format;
import dev.narthex.web.view.PackageView;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.UncheckedIOException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Describes a package for search engines, as schema.org's SoftwareApplication in JSON-LD. It contains only facts that the page
 * also shows.
 */
@ApplicationScoped
public class StructuredData {
    private static final int SUMMARY = 500;
    private static final int PEOPLE = 12;
    private static final int KEYWORDS = 20;

    private final ObjectMapper json;
    private final String baseUrl;

    StructuredData(ObjectMapper json, @ConfigProperty(name = "narthex.url") String baseUrl) {
        this.json = json;
        this.baseUrl = baseUrl;
    }

    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    record Application(
            @JsonProperty("@context") String context,
            @JsonProperty("@type") String type,
            String name,
            String softwareVersion,
            String description,
            String url,
            String applicationCategory,
            List<String> operatingSystem,
            String license,
            LocalDate datePublished,
            String sameAs,
            List<String> keywords,
            List<Person> author) {}

    record Person(@JsonProperty("@type") String type, String name) {}

    /**
     * Returns the JSON-LD for a script element, in which HTML does not unescape entities. Characters that could end the element or
     * begin a comment are therefore escaped in JSON's way.
     */
    public String of(PackageView view) {
        var head = view.head();
        var application = new Application(
                "https://schema.org",
                "SoftwareApplication",
                head.name(),
                head.version(),
                Format.truncate(head.summary(), SUMMARY),
                baseUrl + (head.byDefault() ? head.packageUrl() : head.url()),
                "DeveloperApplication",
                view.outputs().stream()
                        .map(PackageView.Output::platform)
                        .filter(platform -> !platform.equals("any"))
                        .distinct()
                        .toList(),
                head.licence(),
                LocalDate.ofInstant(head.publishedAt(), ZoneOffset.UTC),
                view.homepage(),
                view.keywords().stream().limit(KEYWORDS).toList(),
                view.people().stream()
                        .limit(PEOPLE)
                        .map(name -> new Person("Person", name))
                        .toList());
        try {
            return json.writeValueAsString(application)
                    .replace("<", "\\u003c")
                    .replace(">", "\\u003e")
                    .replace("&", "\\u0026");
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
