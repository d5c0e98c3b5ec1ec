package dev.narthex.sql;

import java.sql.SQLException;

/** Thrown if the database rejects a statement or cannot be reached. */
public class SqlFault extends RuntimeException {
    /** SQLSTATE class of constraint violations (PostgreSQL, appendix A). */
    private static final String CONSTRAINT = "23";

    private static final long serialVersionUID = 1;

    SqlFault(SQLException cause) {
        super(cause);
    }

    /** Thrown on a constraint violation: the row already exists, or a row that it references does not. */
    public static final class Constraint extends SqlFault {
        private static final long serialVersionUID = 1;

        Constraint(SQLException cause) {
            super(cause);
        }
    }

    static SqlFault of(SQLException e) {
        var state = e.getSQLState();
        return state != null && state.startsWith(CONSTRAINT) ? new Constraint(e) : new SqlFault(e);
    }
}
