package dev.narthex.store.s3;

import org.junit.jupiter.api.Tag;

/** Repeats the tests of the S3 backend with Ceph. */
@Tag("long")
class RadosgwTest extends S3BackendTest {
    @Override
    S3Server server() {
        return Radosgw.running();
    }
}
