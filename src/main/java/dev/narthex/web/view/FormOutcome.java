package dev.narthex.web.view;

import java.util.Map;

/**
 * The outcome of a submitted form.
 *
 * @param act the form's action; empty if no form was submitted
 * @param problem error message; empty on success
 * @param field name of the invalid field; empty if no field is invalid
 * @param typed submitted values, to fill the form again after an error
 */
public record FormOutcome(String act, String problem, String field, Map<String, String> typed) {
    public static final FormOutcome NOTHING = new FormOutcome("", "", "", Map.of());

    public static FormOutcome success(String act) {
        return new FormOutcome(act, "", "", Map.of());
    }

    public boolean succeeded(String one) {
        return act.equals(one) && problem.isEmpty();
    }

    public boolean failed(String one) {
        return act.equals(one) && !problem.isEmpty();
    }

    /** Returns whether this field of this form is invalid. */
    public boolean isInvalid(String one, String name) {
        return failed(one) && field.equals(name);
    }

    /** Returns the value to show in a field: the submitted one after an error, else the current one. */
    public String value(String one, String name, String now) {
        return failed(one) ? typed.getOrDefault(name, "") : now;
    }
}
