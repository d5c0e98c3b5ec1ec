package dev.narthex.web.view;

import java.util.Map;

/**
 * What became of a form of this page.
 *
 * @param act which form it was; empty if none was sent
 * @param problem what was wrong with it, in words; empty if it was done
 * @param field the one at fault; empty if none is
 * @param typed what was in its fields, to be there again if it was refused
 */
public record Told(String act, String problem, String field, Map<String, String> typed) {
    public static final Told NOTHING = new Told("", "", "", Map.of());

    public static Told done(String act) {
        return new Told(act, "", "", Map.of());
    }

    public boolean did(String one) {
        return act.equals(one) && problem.isEmpty();
    }

    public boolean refused(String one) {
        return act.equals(one) && !problem.isEmpty();
    }

    /** Whether this field of this form is at fault. */
    public boolean wrong(String one, String name) {
        return refused(one) && field.equals(name);
    }

    /** What a field shows: what was typed if it was refused, else what is so now. */
    public String value(String one, String name, String now) {
        return refused(one) ? typed.getOrDefault(name, "") : now;
    }
}
