package dev.narthex.store;

import dev.narthex.TestDatabase;
import dev.narthex.store.s3.S3Proxy;
import dev.narthex.store.s3.S3Server;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class S3StoreTest extends BucketStoreContract {
    @Override
    S3Server server() {
        return S3Proxy.running();
    }
}
