package dev.narthex.access;

import java.util.Optional;
import java.util.Set;

/** Who asks. */
public sealed interface Principal {
    /** As kept in rows and logs; never a secret. */
    String name();

    /** Whether everything is allowed, in every cache and on the instance itself. */
    default boolean admin() {
        return false;
    }

    /** The person who asks, or for whom a token was made. */
    default Optional<Person> person() {
        return Optional.empty();
    }

    /** No credential. */
    record Anonymous() implements Principal {
        @Override
        public String name() {
            return "anonymous";
        }
    }

    /** A credential that is unknown, expired or revoked. */
    record Invalid(boolean jwt) implements Principal {
        Invalid() {
            this(false);
        }

        @Override
        public String name() {
            return "invalid";
        }
    }

    /**
     * Somebody who signed in.
     *
     * @param groups as the identity provider names them
     */
    record Person(long id, String login, boolean admin, Set<String> groups) implements Principal {
        static final String PREFIX = "person";

        public Person {
            groups = Set.copyOf(groups);
        }

        /** {@code person:{id}:{login}}: the id decides, the rest is for people. */
        @Override
        public String name() {
            return PREFIX + ":" + id + ":" + login;
        }

        @Override
        public Optional<Person> person() {
            return Optional.of(this);
        }
    }

    /**
     * A program.
     *
     * @param owner the person as he is now, than whom it never may more; empty if it is the instance's own
     */
    record Token(long id, String label, Scope scope, Optional<Person> owner) implements Principal {
        static final String PREFIX = "token";

        /** {@code token:{id}:{label}}: the id decides, the label is for people. */
        @Override
        public String name() {
            return PREFIX + ":" + id + ":" + label;
        }

        @Override
        public boolean admin() {
            return scope.admin() && owner.map(Person::admin).orElse(true);
        }

        @Override
        public Optional<Person> person() {
            return owner;
        }
    }
}
