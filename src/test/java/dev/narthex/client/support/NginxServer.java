package dev.narthex.client.support;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Debian's nginx, which serves a folder with listings, or is a proxy in front of a server. */
public final class NginxServer implements AutoCloseable {
    private final Path folder;
    private final Process process;
    private final int port;

    private NginxServer(Path folder, Process process, int port) {
        this.folder = folder;
        this.process = process;
        this.port = port;
    }

    /** @param rate in bytes per second for each file, such as 20k; 0 for no limit */
    public static NginxServer serve(Path root, Path folder, String rate) throws IOException, InterruptedException {
        return start(folder, FreePort.choose(), """
                root %s; autoindex on; location /nar/ { limit_rate %s; }
                """.formatted(root, rate));
    }

    /** Gives one npm registry its own host, {@code http://localhost:port}; URLs are passed on unchanged. */
    public static NginxServer npm(Server server, String cache, Path folder, int port)
            throws IOException, InterruptedException {
        return start(folder, port, """
                client_max_body_size 0; proxy_http_version 1.1;
                location / { proxy_pass http://127.0.0.1:%1$d/registry/%2$s/npm$request_uri; }
                location /registry/ { proxy_pass http://127.0.0.1:%1$d; }
                """.formatted(server.port(), cache));
    }

    /** Uses {@code deploy/nginx.conf} in front of several servers, without TLS. */
    static NginxServer before(List<Integer> ports, Path folder, int port) throws IOException, InterruptedException {
        var example = Files.readString(Path.of("deploy/nginx.conf"));
        var one = Pattern.compile("server 127[.]0[.]0[.]1:8080([^;]*);").matcher(example);
        var all = one.replaceFirst(ports.stream()
                .map(server -> "server 127.0.0.1:" + server + "$1;")
                .collect(Collectors.joining("\n    ")));
        var plain = all.replace("listen 443 ssl;", "listen 127.0.0.1:" + port + ";")
                .replaceAll("(?m)^ *(ssl_|server_name ).*$", "");
        return run(folder, port, plain);
    }

    /** @param site content of a file in /etc/nginx/conf.d, listening on this port */
    public static NginxServer with(String site, Path folder, int port) throws IOException, InterruptedException {
        return run(folder, port, site);
    }

    private static NginxServer start(Path folder, int port, String served) throws IOException, InterruptedException {
        return run(folder, port, "server { listen 127.0.0.1:%d; %s }".formatted(port, served));
    }

    private static NginxServer run(Path folder, int port, String sites) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        var conf = folder.resolve("nginx.conf");
        Files.writeString(conf, """
                user root; daemon off; pid %1$s/pid; error_log %1$s/error.log; events {}
                http {
                  access_log %1$s/access.log; client_body_temp_path %1$s; proxy_temp_path %1$s; fastcgi_temp_path %1$s;
                  uwsgi_temp_path %1$s; scgi_temp_path %1$s;
                  %2$s
                }
                """.formatted(folder, sites));
        var process = new ProcessBuilder("/usr/sbin/nginx", "-c", conf.toString(), "-p", folder.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("out").toFile())
                .start();
        var nginx = new NginxServer(folder, process, port);
        nginx.awaitReady();
        return nginx;
    }

    private void awaitReady() throws IOException, InterruptedException {
        for (int i = 0; i < 200 && process.isAlive(); i++) {
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return;
            } catch (IOException e) {
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
        throw new AssertionError("nginx did not start: " + Files.readString(folder.resolve("out")));
    }

    public String url() {
        return "http://127.0.0.1:" + port;
    }

    /** Returns the requested NARs with their number of requests. */
    public List<String> nars() throws IOException {
        return Files.readAllLines(folder.resolve("access.log")).stream()
                .filter(line -> line.contains("GET /nar/"))
                .map(line -> line.replaceFirst(".*GET (\\S+) .*", "$1"))
                .toList();
    }

    @Override
    public void close() {
        process.destroy();
    }
}
