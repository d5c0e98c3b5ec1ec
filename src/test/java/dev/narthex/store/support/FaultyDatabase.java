package dev.narthex.store.support;

import dev.narthex.db.PooledDatabase;
import jakarta.enterprise.inject.Vetoed;
import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.sql.SQLException;
import java.util.function.Supplier;
import javax.sql.DataSource;

/** The database as seen by a process with a fault: a statement that fails halfway is executed and then rolled back. */
@Vetoed
final class FaultyDatabase extends PooledDatabase {
    private final InjectedFault fault;

    FaultyDatabase(DataSource source, InjectedFault fault) {
        super(source);
        this.fault = fault;
    }

    @Override
    public <T> T withConnection(Work<T> work) {
        return fault.execute(
                () -> super.withConnection(work),
                () -> super.withConnection(connection -> {
                    work.execute(connection);
                    throw new SQLException(fault.toString());
                }),
                FaultyDatabase::failure);
    }

    @Override
    public <T> T inNewTransaction(Supplier<T> work) {
        return fault.execute(
                () -> super.inNewTransaction(() -> {
                    var result = work.get();
                    // a killed process does not commit
                    fault.requireAlive(FaultyDatabase::failure);
                    return result;
                }),
                () -> super.inNewTransaction(() -> {
                    work.get();
                    throw failure(fault.toString());
                }),
                FaultyDatabase::failure);
    }

    private static RuntimeException failure(String message) {
        return new IllegalStateException(new SQLException(message));
    }

    /** If the response to a commit is lost, the process does not learn its outcome. */
    record Outcomes(TransactionSynchronizationRegistry transactions, InjectedFault fault)
            implements TransactionSynchronizationRegistry {
        @Override
        public void registerInterposedSynchronization(Synchronization synchronization) {
            transactions.registerInterposedSynchronization(new Synchronization() {
                @Override
                public void beforeCompletion() {
                    synchronization.beforeCompletion();
                }

                @Override
                public void afterCompletion(int status) {
                    synchronization.afterCompletion(fault.losesResponse() ? Status.STATUS_UNKNOWN : status);
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
