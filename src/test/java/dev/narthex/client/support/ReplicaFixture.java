package dev.narthex.client.support;

import dev.narthex.store.s3.S3Proxy;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * Several servers with one PostgreSQL and one bucket behind nginx, which distributes requests in turn. They also share the
 * instance key, but not the data folder, and start at the same moment on an empty database.
 */
public final class ReplicaFixture implements AutoCloseable {
    private final Path folder;
    private final PostgresServer postgres;
    private final String[] options;
    private final List<Integer> ports;
    private final List<Server> servers;
    private final NginxServer nginx;
    private final int port;

    private ReplicaFixture(int count, URI s3, String... more) throws IOException, InterruptedException {
        folder = Server.freshFolder();
        postgres = PostgresServer.start(folder.resolve("postgres"));
        port = FreePort.choose();
        options = options(s3, more);
        ports = IntStream.range(0, count).mapToObj(i -> FreePort.choose()).toList();
        nginx = NginxServer.before(ports, folder.resolve("nginx"), port);
        servers = Collections.synchronizedList(new ArrayList<>());
    }

    /** @param s3 URL of the bucket's server */
    public static ReplicaFixture start(int count, URI s3, String... more) throws Exception {
        var replicas = new ReplicaFixture(count, s3, more);
        try {
            replicas.startAll();
        } catch (Exception | AssertionError e) {
            replicas.close();
            throw e;
        }
        return replicas;
    }

    private String[] options(URI s3, String... more) {
        var key = new byte[32];
        new SecureRandom().nextBytes(key);
        var all = new ArrayList<>(List.of(
                "-Xmx384m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dnarthex.url=http://127.0.0.1:" + port,
                "-Dnarthex.instance-key=" + Base64.getEncoder().encodeToString(key),
                "-Dnarthex.trusted-proxies=127.0.0.1",
                "-Dnarthex.s3.bucket=" + S3Proxy.running().newBucket(),
                "-Dnarthex.s3.endpoint=" + s3,
                "-Dnarthex.s3.access-key=" + S3Proxy.ACCESS_KEY,
                "-Dnarthex.s3.secret-key=" + S3Proxy.SECRET_KEY,
                "-Dquarkus.datasource.jdbc.url=" + postgres.database().jdbcUrl(),
                "-Dquarkus.datasource.username=" + postgres.database().user(),
                "-Dquarkus.datasource.password=" + postgres.database().password()));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    /** The first server has the token. */
    private void startAll() throws Exception {
        servers.addAll(together(IntStream.range(0, ports.size())
                .<Callable<Server>>mapToObj(i -> () -> launch(i))
                .toList()));
        var tokens = servers.stream()
                .map(server -> server.data().resolve("admin-token"))
                .toList();
        var made = tokens.stream().filter(Files::exists).toList();
        if (made.size() != 1) {
            throw new AssertionError(made.size() + " servers have made an admin token");
        }
        for (var token : tokens) {
            if (!Files.exists(token)) {
                Files.copy(made.getFirst(), token);
            }
        }
    }

    private Server launch(int index) throws IOException, InterruptedException {
        var data = Files.createDirectories(folder.resolve("server-" + index));
        return Server.at(ports.get(index), data, options);
    }

    static <T> List<T> together(List<Callable<T>> work) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var results = new ArrayList<T>();
            for (Future<T> future : threads.invokeAll(work)) {
                results.add(future.get());
            }
            return results;
        }
    }

    public int count() {
        return ports.size();
    }

    public Server at(int index) {
        return servers.get(index);
    }

    public List<Server> all() {
        return List.copyOf(servers);
    }

    /** Returns the URL of nginx, which uses another server each time. */
    public Server front() {
        return servers.getFirst().through(port);
    }

    public ServerDatabase rows() throws Exception {
        return new ServerDatabase(postgres.database());
    }

    public PostgresServer postgres() {
        return postgres;
    }

    /** Stops or kills a server; only its data folder remains. */
    public void again(int index) throws IOException, InterruptedException {
        servers.get(index).close();
        servers.set(index, launch(index));
    }

    @Override
    public void close() throws IOException {
        for (var server : servers) {
            server.close();
        }
        nginx.close();
        postgres.close();
        DataFolders.delete(folder);
    }
}
