package dev.narthex.web;

import dev.narthex.web.view.SetUp;
import io.quarkus.qute.Engine;
import io.quarkus.qute.Template;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Set-up lines by client. An ecosystem has them if there is a template {@code templates/{id}/setup}; the fragments "read" and
 * "push" of it are what the home page and an empty cache need.
 */
@ApplicationScoped
class Panels {
    private static final String SET_UP = "/setup";
    private static final String DETAILS = "/details";

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

    /** Facts that only this ecosystem has, from its own template; empty if it has none. */
    String details(String ecosystem, Record details) {
        return Optional.ofNullable(engine.getTemplate(ecosystem + DETAILS))
                .map(template -> template.data("details", details).render().strip())
                .orElse("");
    }

    private List<Panel> panels(SetUp setup, Function<Template, Optional<Template>> part) {
        return ecosystems.names().stream()
                .flatMap(name -> Optional.ofNullable(engine.getTemplate(name.id() + SET_UP))
                        .flatMap(part)
                        .map(template -> new Panel(
                                name,
                                name.title(),
                                template.data("setup", setup).render()))
                        .stream())
                .toList();
    }

    private static Function<Template, Optional<Template>> fragment(String id) {
        return template -> Optional.ofNullable(template.getFragment(id));
    }
}
