package dev.narthex.store.s3;

import org.junit.jupiter.api.Tag;

/** All that holds with one server of S3 holds with Ceph's. */
@Tag("long")
class RadosgwTest extends S3BackendTest {
    @Override
    S3Server server() {
        return Radosgw.running();
    }
}
