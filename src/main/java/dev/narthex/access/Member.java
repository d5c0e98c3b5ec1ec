package dev.narthex.access;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.narthex.problem.Problem;
import java.util.Optional;

/**
 * A member of a cache with its role: a person, or a group of the identity provider. Exactly one of {@code person} and {@code group}
 * is present.
 *
 * @param person id of the person
 * @param login name of the person
 * @param group name of the group at the identity provider
 * @param role as {@link Role#toString} returns it
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Member(Optional<Long> person, Optional<String> login, Optional<String> group, String role) {
    public Key key() {
        return person.<Key>map(Key.Person::new).orElseGet(() -> new Key.Group(group.orElseThrow()));
    }

    /** Identifies a person or group, without a role. */
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
                    throw Problem.malformed("group", name, "give 1 to " + LONGEST + " printable characters.");
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
