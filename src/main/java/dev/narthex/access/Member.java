package dev.narthex.access;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.narthex.problem.Problem;
import java.util.Optional;

/**
 * Who has a role in a cache: a person, or all of a group.
 *
 * @param person id, if it is one
 * @param login of the person
 * @param group as the identity provider names it, if it is one
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Member(Optional<Long> person, Optional<String> login, Optional<String> group, String role) {
    public Key key() {
        return person.<Key>map(Key.Person::new).orElseGet(() -> new Key.Group(group.orElseThrow()));
    }

    /** A person or a group, without what it is. */
    public sealed interface Key {
        record Person(long id) implements Key {
            @Override
            public String toString() {
                return "person " + id;
            }
        }

        record Group(String name) implements Key {
            private static final int LONGEST = 200;

            public Group {
                if (name.isBlank()
                        || name.length() > LONGEST
                        || name.codePoints().anyMatch(Group::unprintable)) {
                    throw new Problem.Malformed("group", name, "give 1 to " + LONGEST + " printable characters.")
                            .asException();
                }
            }

            private static boolean unprintable(int character) {
                return Character.isISOControl(character)
                        || Character.getType(character) == Character.SURROGATE
                        || Character.getType(character) == Character.UNASSIGNED;
            }

            @Override
            public String toString() {
                return "group " + name;
            }
        }
    }
}
