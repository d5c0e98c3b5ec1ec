package dev.narthex.web;

import dev.narthex.web.view.EcosystemName;
import dev.narthex.web.view.SetUp;
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
class Panels {
    private static final String SET_UP = "/setup";
    private static final String DETAILS = "/details";
    private static final String DOCS = "/docs";

    private final Engine engine;
    private final Ecosystems ecosystems;

    Panels(Engine engine, Ecosystems ecosystems) {
        this.engine = engine;
        this.ecosystems = ecosystems;
    }

    List<Panel> all(SetUp setup) {
        return panels(setup, Optional::of);
    }

    List<Panel> reading(SetUp setup) {
        return panels(setup, fragment("read"));
    }

    List<Panel> pushing(SetUp setup) {
        return panels(setup, fragment("push"));
    }

    /** Renders facts specific to an ecosystem with its own template; empty without a template. */
    String details(String ecosystem, Record details) {
        return Optional.ofNullable(engine.getTemplate(ecosystem + DETAILS))
                .map(template -> template.data("details", details).render().strip())
                .orElse("");
    }

    /** Returns the ecosystems that have a documentation page. */
    List<EcosystemName> explained() {
        return ecosystems.names().stream().filter(name -> has(name, DOCS)).toList();
    }

    /** Renders an ecosystem's documentation page; empty if it does not provide one. */
    Optional<Panel> docs(String ecosystem, SetUp setup) {
        return explained().stream()
                .filter(name -> name.id().equals(ecosystem))
                .findFirst()
                .map(name -> panel(name, engine.getTemplate(name.id() + DOCS), setup));
    }

    private boolean has(EcosystemName name, String template) {
        return Optional.ofNullable(engine.getTemplate(name.id() + template)).isPresent();
    }

    private Panel panel(EcosystemName name, Template template, SetUp setup) {
        var docs = has(name, DOCS) ? "/docs/" + Urls.encode(name.id()) + "?cache=" + Urls.query(setup.cache()) : "";
        return new Panel(name, name.title(), template.data("setup", setup).render(), docs);
    }

    private List<Panel> panels(SetUp setup, Function<Template, Optional<Template>> part) {
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
