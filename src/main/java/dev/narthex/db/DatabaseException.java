package dev.narthex.db;

import java.sql.SQLException;

/** Thrown if the database rejects a statement or cannot be reached. */
public class DatabaseException extends RuntimeException {
    /** SQLSTATE class of constraint violations (PostgreSQL, appendix A). */
    private static final String CONSTRAINT = "23";

    private static final long serialVersionUID = 1;

    DatabaseException(SQLException cause) {
        super(cause);
    }

    /** Thrown on a constraint violation: the row already exists, or a row that it references does not. */
    public static final class Constraint extends DatabaseException {
        private static final long serialVersionUID = 1;

        Constraint(SQLException cause) {
            super(cause);
        }
    }

    static DatabaseException of(SQLException e) {
        var state = e.getSQLState();
        return state != null && state.startsWith(CONSTRAINT) ? new Constraint(e) : new DatabaseException(e);
    }
}
