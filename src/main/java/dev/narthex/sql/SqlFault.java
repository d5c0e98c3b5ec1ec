package dev.narthex.sql;

import java.sql.SQLException;

/** A statement that the database did not carry out. */
public class SqlFault extends RuntimeException {
    /** Class of SQLSTATE (PostgreSQL, appendix A): a constraint forbids it. */
    private static final String CONSTRAINT = "23";

    private static final long serialVersionUID = 1;

    SqlFault(SQLException cause) {
        super(cause);
    }

    /** Somebody else was first, or what is referred to is gone. */
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
