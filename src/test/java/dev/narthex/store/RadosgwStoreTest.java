package dev.narthex.store;

import dev.narthex.TestDatabase;
import dev.narthex.store.s3.Radosgw;
import dev.narthex.store.s3.S3Server;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Tag;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@Tag("long")
class RadosgwStoreTest extends BucketStoreContract {
    @Override
    S3Server server() {
        return Radosgw.running();
    }
}
