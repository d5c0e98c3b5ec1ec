package dev.narthex.store.s3;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.util.Optional;

/** Settings of the S3 backend. */
@ConfigMapping(prefix = "narthex.s3")
public interface S3Config {
    /** Name of the bucket. If empty, packs are stored in the data folder. */
    Optional<String> bucket();

    /** URL of a server other than Amazon's, such as {@code https://s3.example.org}; the bucket is then the first path segment. */
    Optional<URI> endpoint();

    @WithDefault("${AWS_REGION:us-east-1}")
    String region();

    /** If empty, credentials are looked up like in Amazon's tools: environment, profile, role of the machine. */
    Optional<String> accessKey();

    Optional<String> secretKey();

    /**
     * Whether clients are redirected to the bucket for a NAR that is one whole pack, with a presigned URL that is valid for 1
     * hour.
     */
    @WithDefault("false")
    boolean redirect();
}
