package dev.narthex.client.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Clients of npm registries with their commands. */
public enum NodeClient {
    NPM("npm") {
        @Override
        public void configure(Path folder, String registry) throws IOException {
            Files.writeString(
                    folder.resolve(".npmrc"),
                    "registry=%s\ncache=%s\nupdate-notifier=false\n".formatted(registry, folder.resolve("cache")));
        }

        @Override
        public List<String> words(Task task) {
            return switch (task) {
                case ADD -> List.of("install");
                case FROZEN -> List.of("ci");
                case REMOVE -> List.of("uninstall");
                case VERSION_OF -> List.of("view", "version", "--json");
                case OUTDATED -> List.of("outdated");
                case AUDIT -> List.of("audit");
                case RUN -> List.of("exec", "--");
            };
        }
    },
    PNPM("pnpm/bin/pnpm.cjs") {
        @Override
        public void configure(Path folder, String registry) throws IOException {
            Files.writeString(
                    folder.resolve(".npmrc"),
                    "registry=%s\nstore-dir=%2$s/store\ncache-dir=%2$s/cache\nstate-dir=%2$s/state\n"
                            .formatted(registry, folder));
        }

        @Override
        public List<String> words(Task task) {
            return switch (task) {
                case ADD -> List.of("add");
                case FROZEN -> List.of("install", "--frozen-lockfile");
                case REMOVE -> List.of("remove");
                case VERSION_OF -> List.of("view", "version", "--json");
                case OUTDATED -> List.of("outdated");
                case AUDIT -> List.of("audit");
                case RUN -> List.of("exec");
            };
        }
    },
    YARN_CLASSIC("yarn/bin/yarn.js") {
        @Override
        public void configure(Path folder, String registry) throws IOException {
            Files.writeString(folder.resolve(".npmrc"), "registry=" + registry + "\n");
            Files.writeString(folder.resolve(".yarnrc"), "cache-folder \"" + folder.resolve("cache") + "\"\n");
        }

        /** Its audit uses a built-in URL. */
        @Override
        public List<String> words(Task task) {
            return switch (task) {
                case ADD -> List.of("add");
                case FROZEN -> List.of("install", "--frozen-lockfile");
                case REMOVE -> List.of("remove");
                case VERSION_OF -> List.of("info", "version");
                case OUTDATED -> List.of("outdated");
                case AUDIT -> List.of();
                case RUN -> List.of("--silent", "run");
            };
        }
    },
    YARN_BERRY("@yarnpkg/cli-dist/bin/yarn.js") {
        @Override
        public void configure(Path folder, String registry) throws IOException {
            Files.writeString(folder.resolve(".yarnrc.yml"), """
                    npmRegistryServer: "%s"
                    npmMinimalAgeGate: 0
                    unsafeHttpWhitelist: ["127.0.0.1"]
                    nodeLinker: node-modules
                    enableTelemetry: false
                    enableGlobalCache: false
                    """.formatted(registry));
            Files.createFile(folder.resolve("yarn.lock"));
        }

        @Override
        public List<String> words(Task task) {
            return switch (task) {
                case ADD -> List.of("add");
                case FROZEN -> List.of("install", "--immutable");
                case REMOVE -> List.of("remove");
                case VERSION_OF -> List.of("npm", "info", "--fields", "version", "--json");
                case OUTDATED -> List.of();
                case AUDIT -> List.of("npm", "audit");
                case RUN -> List.of("run");
            };
        }
    },
    BUN("@oven/bun-linux-x64-baseline/bin/bun") {
        @Override
        public void configure(Path folder, String registry) throws IOException {
            Files.writeString(folder.resolve(".npmrc"), "registry=" + registry + "\n");
            Files.writeString(
                    folder.resolve("bunfig.toml"), "[install.cache]\ndir = \"" + folder.resolve("cache") + "\"\n");
        }

        @Override
        public List<String> words(Task task) {
            return switch (task) {
                case ADD -> List.of("add");
                case FROZEN -> List.of("install", "--frozen-lockfile");
                case REMOVE -> List.of("remove");
                case VERSION_OF -> List.of("info", "version");
                case OUTDATED -> List.of("outdated");
                case AUDIT -> List.of("audit");
                case RUN -> List.of("run");
            };
        }
    };

    private static final Path TOOLS = Path.of(System.getProperty("narthex.tools", "target/tools"), "node_modules")
            .toAbsolutePath();

    private final String program;

    NodeClient(String program) {
        this.program = program;
    }

    public enum Task {
        ADD,
        FROZEN,
        REMOVE,
        VERSION_OF,
        OUTDATED,
        AUDIT,
        RUN
    }

    /** Creates a project in this folder that uses only this registry. */
    public abstract void configure(Path folder, String registry) throws IOException;

    /** Empty if the client has no such command, or not for this registry. */
    public abstract List<String> words(Task task);

    public ProgramRunner.Result run(ProgramRunner programs, Task task, String... what) {
        var command = start();
        var words = words(task);
        if (task == Task.VERSION_OF) {
            // the package precedes the queried field
            int at = this == YARN_BERRY ? 2 : 1;
            command.addAll(words.subList(0, at));
            command.addAll(Arrays.asList(what));
            command.addAll(words.subList(at, words.size()));
        } else {
            command.addAll(words);
            command.addAll(Arrays.asList(what));
        }
        return programs.run(command);
    }

    public ProgramRunner.Result run(ProgramRunner programs, String... words) {
        var command = start();
        command.addAll(Arrays.asList(words));
        return programs.run(command);
    }

    private List<String> start() {
        var command = new ArrayList<String>();
        if (program.endsWith("js")) {
            command.add("node");
        }
        command.add(this == NPM ? program : TOOLS.resolve(program).toString());
        return command;
    }
}
