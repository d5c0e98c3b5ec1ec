package dev.narthex.web.page;

import dev.narthex.web.view.ClientSetup;
import dev.narthex.web.view.EcosystemName;
import dev.narthex.web.view.Urls;
import io.quarkus.qute.Engine;
import io.quarkus.qute.Template;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Renders the setup instructions of each client. An ecosystem provides them as the template {@code templates/{id}/setup}; its
 * fragments "read" and "push" are used on the home page and on the page of an empty cache. The template
 * {@code templates/{id}/docs} is the ecosystem's documentation page.
 */
@ApplicationScoped
public class SetupPanelRenderer {
    private static final String SET_UP = "/setup";
    private static final String DETAILS = "/details";
    private static final String DOCS = "/docs";

    private final Engine engine;
    private final InstalledEcosystems ecosystems;

    SetupPanelRenderer(Engine engine, InstalledEcosystems ecosystems) {
        this.engine = engine;
        this.ecosystems = ecosystems;
    }

    public List<SetupPanel> all(ClientSetup setup) {
        return panels(setup, Optional::of);
    }

    public List<SetupPanel> installPanels(ClientSetup setup) {
        return panels(setup, fragment("read"));
    }

    public List<SetupPanel> pushPanels(ClientSetup setup) {
        return panels(setup, fragment("push"));
    }

    /** Renders facts specific to an ecosystem with its own template; empty without a template. */
    public String details(String ecosystem, Record details) {
        return Optional.ofNullable(engine.getTemplate(ecosystem + DETAILS))
                .map(template -> template.data("details", details).render().strip())
                .orElse("");
    }

    /** Returns the ecosystems that have a documentation page. */
    public List<EcosystemName> documentedEcosystems() {
        return ecosystems.names().stream().filter(name -> has(name, DOCS)).toList();
    }

    /** Renders an ecosystem's documentation page; empty if it does not provide one. */
    public Optional<SetupPanel> docs(String ecosystem, ClientSetup setup) {
        return documentedEcosystems().stream()
                .filter(name -> name.id().equals(ecosystem))
                .findFirst()
                .map(name -> panel(name, engine.getTemplate(name.id() + DOCS), setup));
    }

    private boolean has(EcosystemName name, String template) {
        return Optional.ofNullable(engine.getTemplate(name.id() + template)).isPresent();
    }

    private SetupPanel panel(EcosystemName name, Template template, ClientSetup setup) {
        var docs = has(name, DOCS) ? "/docs/" + Urls.encode(name.id()) + "?cache=" + Urls.query(setup.cache()) : "";
        return new SetupPanel(name, name.title(), template.data("setup", setup).render(), docs);
    }

    private List<SetupPanel> panels(ClientSetup setup, Function<Template, Optional<Template>> part) {
        return ecosystems.names().stream()
                .flatMap(name -> Optional.ofNullable(engine.getTemplate(name.id() + SET_UP))
                        .flatMap(part)
                        .map(template -> panel(name, template, setup))
                        .stream())
                .toList();
    }

    private static Function<Template, Optional<Template>> fragment(String id) {
        return template -> Optional.ofNullable(template.getFragment(id));
    }
}
