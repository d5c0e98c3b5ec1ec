package dev.narthex.web.page;

import dev.narthex.problem.ProblemException;
import dev.narthex.web.view.FormOutcome;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.HashMap;
import java.util.Set;

/** Converts problems with a submitted form to messages on its page. */
public final class FormErrors {
    /** Status codes of problems that the user can fix in the form; all others are shown as an error page. */
    private static final Set<Integer> SAID_ON_THE_PAGE = Set.of(400, 404, 409);

    private FormErrors() {}

    /**
     * Returns the outcome of a failed form with its message and the submitted values.
     *
     * @throws ProblemException the problem itself, if it is not shown on the form's page
     */
    public static FormOutcome failedOutcome(String act, MultivaluedMap<String, String> form, ProblemException refusal) {
        var problem = refusal.problem();
        if (!SAID_ON_THE_PAGE.contains(problem.status())) {
            throw refusal;
        }
        var typed = new HashMap<String, String>();
        form.keySet().forEach(field -> typed.put(field, SignedInPages.text(form, field)));
        return new FormOutcome(
                act, Format.capitalize(problem.detail()), problem.field().orElse(""), typed);
    }
}
