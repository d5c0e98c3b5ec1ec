package dev.narthex.web;

import dev.narthex.problem.ProblemException;
import dev.narthex.web.view.Told;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.HashMap;
import java.util.Set;

/** What a page says of a form of its own that could not be done. */
final class Refusals {
    /** Of what can be mended in the form; all else is a page of its own. */
    private static final Set<Integer> SAID_ON_THE_PAGE = Set.of(400, 404, 409);

    private Refusals() {}

    /**
     * What is wrong, in words, and what was typed.
     *
     * @throws ProblemException the refusal itself, if the page does not say it
     */
    static Told told(String act, MultivaluedMap<String, String> form, ProblemException refusal) {
        var problem = refusal.problem();
        if (!SAID_ON_THE_PAGE.contains(problem.status())) {
            throw refusal;
        }
        var typed = new HashMap<String, String>();
        form.keySet().forEach(field -> typed.put(field, OwnPages.text(form, field)));
        return new Told(act, Show.capital(problem.detail()), problem.field().orElse(""), typed);
    }
}
