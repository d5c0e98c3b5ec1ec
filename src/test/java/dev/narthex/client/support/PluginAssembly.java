package dev.narthex.client.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;

/**
 * An application assembled from the built Narthex and plugins like {@code deploy/plugin} does. Maven uses a separate local
 * repository that shares everything except Narthex with the machine's, so that concurrent builds do not interfere.
 *
 * @param folder for all generated files
 */
public record PluginAssembly(Path folder) {
    private static final String IMPORTS = """
            package poster;
            import dev.narthex.nix.DrvName;
            import dev.narthex.spi.*;
            import jakarta.inject.Singleton;
            import java.util.List;
            import java.util.stream.Stream;
            """;

    /**
     * Assembles a folder with a pom.xml, or jars.
     *
     * @return folder of the application
     */
    public Path with(Path... plugins) throws IOException {
        var app = folder.resolve("app");
        var command = new ArrayList<>(
                List.of(Path.of("deploy/plugin").toAbsolutePath().toString(), app.toString()));
        for (var plugin : plugins) {
            command.add(plugin.toAbsolutePath().toString());
        }
        new ProgramRunner(folder)
                .with("HOME", System.getProperty("user.home"))
                .with("JAVA_HOME", System.getProperty("java.home"))
                .with("MAVEN_OPTS", "-Dmaven.repo.local=" + repository())
                // for the JVMs of Maven, surefire and Quarkus, which do not live long enough for C2
                .with("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
                .run(command)
                .succeeded();
        return app.resolve("quarkus-app");
    }

    /** Copies the sources of a plugin, so that build results in its folder are not used. */
    public Path copy(Path plugin) throws IOException {
        var copy = folder.resolve(plugin.getFileName());
        Files.createDirectories(copy);
        for (var part : List.of("pom.xml", "src")) {
            new ProgramRunner(folder)
                    .run("cp", "-r", plugin.resolve(part).toAbsolutePath().toString(), copy.toString())
                    .succeeded();
        }
        return copy;
    }

    /** The plugin in docs/plugins.md, compiled against the classes that plugins may use. */
    public Path ofDocs() throws IOException {
        var page = Files.readString(Path.of("docs/plugins.md"));
        int begin = page.indexOf("```java\n") + "```java\n".length();
        var source = folder.resolve("Posters.java");
        Files.writeString(source, IMPORTS + page.substring(begin, page.indexOf("```", begin)));
        var classes = Files.createDirectories(folder.resolve("classes"));
        int status = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-parameters",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-d",
                        classes.toString(),
                        source.toString());
        assertEquals(0, status, "the plugin in docs/plugins.md cannot be compiled");
        var jar = folder.resolve("posters.jar");
        try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
            put(out, "META-INF/beans.xml", new byte[0]);
            put(out, "poster/Posters.class", Files.readAllBytes(classes.resolve("poster/Posters.class")));
        }
        return jar;
    }

    private static void put(JarOutputStream jar, String name, byte[] content) throws IOException {
        jar.putNextEntry(new JarEntry(name));
        jar.write(content);
        jar.closeEntry();
    }

    private Path repository() throws IOException {
        var theirs = Path.of(System.getProperty("user.home"), ".m2/repository");
        var mine = Files.createDirectories(folder.resolve("repository/dev")).getParent();
        link(theirs, mine, "dev");
        link(theirs.resolve("dev"), mine.resolve("dev"), "narthex");
        return mine;
    }

    private static void link(Path from, Path into, String butFor) throws IOException {
        try (var all = Files.list(from)) {
            for (var each : all.toList()) {
                if (!each.getFileName().toString().equals(butFor)) {
                    Files.createSymbolicLink(into.resolve(each.getFileName()), each);
                }
            }
        } catch (NoSuchFileException e) {
            // nothing to share
        }
    }
}
