package dev.narthex.web.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.quarkus.qute.Engine;
import io.quarkus.qute.ReflectionValueResolver;
import io.quarkus.qute.TemplateException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Templates give the same result with and without it. */
class OuterScopeResolverTest {
    record Lamp(String name, List<String> parts) {}

    private static final Lamp LAMP = new Lamp("lantern", List.of("wick", "glass"));

    private static Engine engine(boolean with) {
        var builder = Engine.builder().addDefaults().addValueResolver(new ReflectionValueResolver());
        if (with) {
            builder.addValueResolver(new OuterScopeResolver());
        }
        var engine = builder.build();
        engine.putTemplate("layout", engine.parse("<{#insert body /}>"));
        engine.putTemplate("part", engine.parse("{lamp.name}:{own}"));
        return engine;
    }

    private static String render(boolean with, String text) {
        return engine(with).parse(text).data("lamp", LAMP).data("name", "outer").render();
    }

    private static void same(String expected, String text) {
        assertEquals(expected, render(false, text));
        assertEquals(expected, render(true, text));
    }

    @Test
    void nearestScopeWins() {
        same("<lantern>", "{#include layout}{#body}{lamp.name}{/body}{/include}");
        same("wick of lantern, glass of lantern, ", "{#for one in lamp.parts}{one} of {lamp.name}, {/for}");
        same("wick glass ", "{#for lamp in lamp.parts}{lamp} {/for}");
        same("other outer", "{#let lamp='other'}{lamp} {name}{/let}");
        same("lantern:x", "{#include part own='x' /}");
        same("1 2 ", "{#for one in lamp.parts}{#let two=lamp}{one_count} {/let}{/for}");
        same("wick-lantern glass-lantern ", "{#for one in lamp.parts}{#let own=one}{own}-{lamp.name} {/let}{/for}");
    }

    @Test
    void unknownNameIsAnError() {
        for (var text : List.of(
                "{none}",
                "{#for one in lamp.parts}{none}{/for}",
                "{#let a=1}{lamp.none}{/let}",
                "{#let a=1}{none.x}{/let}")) {
            assertThrows(TemplateException.class, () -> render(false, text), text);
            assertThrows(TemplateException.class, () -> render(true, text), text);
        }
    }
}
