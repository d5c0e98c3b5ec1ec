package dev.narthex.store.s3;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/**
 * A bucket with its client, timeouts and retries.
 *
 * @param place location for messages
 * @param addresses creates presigned URLs
 */
record Bucket(String name, String place, S3Client client, S3Presigner addresses) {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    /** Maximum time without receiving a byte. */
    private static final Duration SILENCE = Duration.ofSeconds(30);

    /** Enough for one part at half a megabit per second. */
    private static final Duration ATTEMPT = Duration.ofMinutes(2);
    /** All attempts together; well below the lease of a pack, which is renewed between parts. */
    private static final Duration CALL = Duration.ofMinutes(4);

    private static final int ATTEMPTS = 6;
    private static final int CONNECTIONS = 200;

    /** @throws IllegalArgumentException for invalid settings; the message is one sentence for the administrator */
    static Bucket of(S3Config config) {
        var endpoint = config.endpoint();
        endpoint.ifPresent(Bucket::requireAddress);
        var region = Region.of(config.region());
        var keys = keys(config);
        var client = S3Client.builder()
                .region(region)
                .credentialsProvider(keys)
                .forcePathStyle(endpoint.isPresent())
                // many servers support neither these checksums nor the trailers that carry them; parts are sent with
                // their MD5
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .httpClientBuilder(Apache5HttpClient.builder()
                        .maxConnections(CONNECTIONS)
                        .connectionTimeout(CONNECT)
                        .connectionAcquisitionTimeout(SILENCE)
                        .socketTimeout(SILENCE))
                .overrideConfiguration(calls -> calls.addExecutionInterceptor(new CallSpans())
                        .retryStrategy(retries())
                        .apiCallAttemptTimeout(ATTEMPT)
                        .apiCallTimeout(CALL));
        var addresses = S3Presigner.builder()
                .region(region)
                .credentialsProvider(keys)
                .serviceConfiguration(S3Configuration.builder()
                        .pathStyleAccessEnabled(endpoint.isPresent())
                        .build());
        endpoint.ifPresent(client::endpointOverride);
        endpoint.ifPresent(addresses::endpointOverride);
        return new Bucket(
                config.bucket().orElseThrow(),
                endpoint.map(URI::toString).orElse("Amazon S3, region " + config.region()),
                client.build(),
                addresses.build());
    }

    private static void requireAddress(URI endpoint) {
        var scheme = Optional.ofNullable(endpoint.getScheme()).orElse("");
        if (!scheme.matches("https?") || endpoint.getHost() == null) {
            throw new IllegalArgumentException(
                    "narthex.s3.endpoint is “" + endpoint + "”; it must be an address such as https://s3.example.org.");
        }
    }

    private static AwsCredentialsProvider keys(S3Config config) {
        if (config.accessKey().isPresent() != config.secretKey().isPresent()) {
            throw new IllegalArgumentException("Of narthex.s3.access-key and narthex.s3.secret-key one is missing.");
        }
        return config.accessKey()
                .<AwsCredentialsProvider>map(key -> StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(key, config.secretKey().orElseThrow())))
                .orElseGet(() -> DefaultCredentialsProvider.builder().build());
    }

    /** Exponential backoff with jitter, so that clients do not all retry at the same time. */
    private static StandardRetryStrategy retries() {
        return AwsRetryStrategy.standardRetryStrategy().toBuilder()
                .maxAttempts(ATTEMPTS)
                .retryOnException(Bucket::brokeOff)
                .build();
    }

    /** Whether the connection broke. The SDK treats a truncated response as unreadable and would not retry it. */
    private static boolean brokeOff(Throwable e) {
        for (var cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException) {
                return true;
            }
        }
        return false;
    }
}
