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
 * @param location location for messages
 * @param presignerBuilder creates presigned URLs
 */
record Bucket(String name, String location, S3Client client, S3Presigner presigner) {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    /** Maximum time without receiving a byte. */
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(30);

    /** Enough for one part at half a megabit per second. */
    private static final Duration ATTEMPT_TIMEOUT = Duration.ofMinutes(2);
    /** All attempts together; well below the lease of a pack, which is renewed between parts. */
    private static final Duration CALL_TIMEOUT = Duration.ofMinutes(4);

    private static final int MAX_ATTEMPTS = 6;
    private static final int MAX_CONNECTIONS = 200;

    /** @throws IllegalArgumentException for invalid settings; the message is one sentence for the administrator */
    static Bucket of(S3Config config) {
        var endpoint = config.endpoint();
        endpoint.ifPresent(Bucket::requireHttpUrl);
        var region = Region.of(config.region());
        var credentialsProvider = credentials(config);
        var clientBuilder = S3Client.builder()
                .region(region)
                .credentialsProvider(credentialsProvider)
                .forcePathStyle(endpoint.isPresent())
                // many servers support neither these checksums nor the trailers that carry them; parts are sent with
                // their MD5
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .httpClientBuilder(Apache5HttpClient.builder()
                        .maxConnections(MAX_CONNECTIONS)
                        .connectionTimeout(CONNECT_TIMEOUT)
                        .connectionAcquisitionTimeout(READ_TIMEOUT)
                        .socketTimeout(READ_TIMEOUT))
                .overrideConfiguration(configuration -> configuration
                        .addExecutionInterceptor(new S3Tracing())
                        .retryStrategy(retryStrategy())
                        .apiCallAttemptTimeout(ATTEMPT_TIMEOUT)
                        .apiCallTimeout(CALL_TIMEOUT));
        var presignerBuilder = S3Presigner.builder()
                .region(region)
                .credentialsProvider(credentialsProvider)
                .serviceConfiguration(S3Configuration.builder()
                        .pathStyleAccessEnabled(endpoint.isPresent())
                        .build());
        endpoint.ifPresent(clientBuilder::endpointOverride);
        endpoint.ifPresent(presignerBuilder::endpointOverride);
        return new Bucket(
                config.bucket().orElseThrow(),
                endpoint.map(URI::toString).orElse("Amazon S3, region " + config.region()),
                clientBuilder.build(),
                presignerBuilder.build());
    }

    private static void requireHttpUrl(URI endpoint) {
        var scheme = Optional.ofNullable(endpoint.getScheme()).orElse("");
        if (!scheme.matches("https?") || endpoint.getHost() == null) {
            throw new IllegalArgumentException(
                    "narthex.s3.endpoint is “" + endpoint + "”; it must be an address such as https://s3.example.org.");
        }
    }

    private static AwsCredentialsProvider credentials(S3Config config) {
        if (config.accessKey().isPresent() != config.secretKey().isPresent()) {
            throw new IllegalArgumentException("Of narthex.s3.access-key and narthex.s3.secret-key one is missing.");
        }
        return config.accessKey()
                .<AwsCredentialsProvider>map(key -> StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(key, config.secretKey().orElseThrow())))
                .orElseGet(() -> DefaultCredentialsProvider.builder().build());
    }

    /** Exponential backoff with jitter, so that clients do not all retry at the same time. */
    private static StandardRetryStrategy retryStrategy() {
        return AwsRetryStrategy.standardRetryStrategy().toBuilder()
                .maxAttempts(MAX_ATTEMPTS)
                .retryOnException(Bucket::isConnectionBroken)
                .build();
    }

    /** Whether the connection broke. The SDK treats a truncated response as unreadable and would not retry it. */
    private static boolean isConnectionBroken(Throwable e) {
        for (var cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException) {
                return true;
            }
        }
        return false;
    }
}
