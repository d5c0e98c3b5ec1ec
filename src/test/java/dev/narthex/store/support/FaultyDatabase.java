package dev.narthex.store.support;

import dev.narthex.db.StoreDatabase;
import jakarta.enterprise.inject.Vetoed;
import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.sql.SQLException;
import javax.sql.DataSource;

/** The database as a process sees it that meets a fault: half done is what is done and then rolled back. */
@Vetoed
final class FaultyDatabase extends StoreDatabase {
    private final InjectedFault fault;

    FaultyDatabase(DataSource source, InjectedFault fault) {
        super(source);
        this.fault = fault;
    }

    @Override
    public <T> T inTransaction(Work<T> work) {
        return fault.at(
                () -> super.inTransaction(work),
                () -> super.inTransaction(c -> broken(work, c)),
                FaultyDatabase::failure);
    }

    @Override
    public <T> T inNewTransaction(Work<T> work) {
        return fault.at(
                () -> super.inNewTransaction(c -> {
                    var result = work.execute(c);
                    // of a process that is gone nothing is committed
                    fault.requireAlive(FaultyDatabase::failure);
                    return result;
                }),
                () -> super.inNewTransaction(c -> broken(work, c)),
                FaultyDatabase::failure);
    }

    private <T> T broken(Work<T> work, java.sql.Connection connection) throws SQLException {
        work.execute(connection);
        throw new SQLException(fault.toString());
    }

    private static RuntimeException failure(String message) {
        return new IllegalStateException(new SQLException(message));
    }

    /** Of a commit whose answer is lost the process does not learn how it ended. */
    record Outcomes(TransactionSynchronizationRegistry transactions, InjectedFault fault)
            implements TransactionSynchronizationRegistry {
        @Override
        public void registerInterposedSynchronization(Synchronization told) {
            transactions.registerInterposedSynchronization(new Synchronization() {
                @Override
                public void beforeCompletion() {
                    told.beforeCompletion();
                }

                @Override
                public void afterCompletion(int status) {
                    told.afterCompletion(fault.losing() ? Status.STATUS_UNKNOWN : status);
                }
            });
        }

        @Override
        public Object getTransactionKey() {
            return transactions.getTransactionKey();
        }

        @Override
        public void putResource(Object key, Object value) {
            transactions.putResource(key, value);
        }

        @Override
        public Object getResource(Object key) {
            return transactions.getResource(key);
        }

        @Override
        public int getTransactionStatus() {
            return transactions.getTransactionStatus();
        }

        @Override
        public void setRollbackOnly() {
            transactions.setRollbackOnly();
        }

        @Override
        public boolean getRollbackOnly() {
            return transactions.getRollbackOnly();
        }
    }
}
