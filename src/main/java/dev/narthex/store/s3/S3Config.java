package dev.narthex.store.s3;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.util.Optional;

/** Where packs go that are not kept in the data folder. */
@ConfigMapping(prefix = "narthex.s3")
public interface S3Config {
    /** Empty: packs are files of the data folder. */
    Optional<String> bucket();

    /** Of a server that is not Amazon's, such as {@code https://s3.example.org}; buckets are then the first part of the path. */
    Optional<URI> endpoint();

    @WithDefault("${AWS_REGION:us-east-1}")
    String region();

    /** Without it, as Amazon's tools find it: the environment, the profile, the machine's role. */
    Optional<String> accessKey();

    Optional<String> secretKey();

    /** Whether clients fetch a NAR that is one whole pack from the bucket itself, by an address that holds for an hour. */
    @WithDefault("false")
    boolean redirect();
}
