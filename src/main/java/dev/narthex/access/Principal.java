package dev.narthex.access;

import java.util.Optional;
import java.util.Set;

/** The authenticated party that makes a request: a person, a token, or nobody. */
public sealed interface Principal {
    /** Returns the name that is stored in rows and logs; never a secret. */
    String name();

    /** Returns whether this principal may do everything, in every cache and on the instance. */
    default boolean admin() {
        return false;
    }

    /** Returns the person who makes the request, or who owns the token. */
    default Optional<Person> person() {
        return Optional.empty();
    }

    /** A request without a credential. */
    record Anonymous() implements Principal {
        @Override
        public String name() {
            return "anonymous";
        }
    }

    /**
     * A credential that is unknown, expired or revoked.
     *
     * @param jwt whether it looks like a JWT, such as a token of attic
     */
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
     * A person who signed in.
     *
     * @param login name from the identity provider
     * @param groups names of groups at the identity provider
     */
    record Person(long id, String login, boolean admin, Set<String> groups) implements Principal {
        static final String PREFIX = "person";

        public Person {
            groups = Set.copyOf(groups);
        }

        /** {@code person:{id}:{login}}: the id identifies the person, the login is for readers. */
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
     * A token, used by a program.
     *
     * @param owner current state of the owner, whose rights limit those of the token; empty for a token of the instance
     */
    record Token(long id, String label, Scope scope, Optional<Person> owner) implements Principal {
        static final String PREFIX = "token";

        /** {@code token:{id}:{label}}: the id identifies the token, the label is for readers. */
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
