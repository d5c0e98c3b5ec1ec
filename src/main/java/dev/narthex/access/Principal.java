package dev.narthex.access;

/** Who asks. */
public sealed interface Principal {
    /** As kept in rows and logs; never a secret. */
    String name();

    /** No credential. */
    record Anonymous() implements Principal {
        @Override
        public String name() {
            return "anonymous";
        }
    }

    /** A credential that is unknown, expired or revoked. */
    record Invalid() implements Principal {
        @Override
        public String name() {
            return "invalid";
        }
    }

    /** @param admin may do everything in every cache */
    record Token(long id, String label, boolean admin) implements Principal {
        private static final String PREFIX = "token:";

        /** {@code token:{id}:{label}}: the id decides, the label is for people. */
        @Override
        public String name() {
            return PREFIX + id + ":" + label;
        }
    }
}
