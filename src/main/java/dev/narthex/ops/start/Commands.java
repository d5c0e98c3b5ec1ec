package dev.narthex.ops.start;

import dev.narthex.ops.settings.RawConfiguration;
import dev.narthex.ops.settings.SettingsCheck;
import dev.narthex.ops.settings.SettingsList;
import dev.narthex.ops.settings.StartException;
import dev.narthex.ops.snapshot.RestoreCommand;
import dev.narthex.ops.snapshot.SnapshotCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The commands of the program. They run without the application; without a command the server is started. */
@Command(
        name = "narthex",
        description = "Without a command, the server is started.",
        subcommands = {CommandLine.HelpCommand.class, AutoComplete.GenerateCompletion.class},
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:success", "1:the command failed; the reason is on standard error", "2:wrong usage"},
        scope = ScopeType.INHERIT)
final class Commands implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private HelpOption help = new HelpOption();

    /** Runs a command and returns its exit status. */
    static int run(String... args) {
        return commandLine().execute(args);
    }

    static CommandLine commandLine() {
        return new CommandLine(new Commands())
                .setUsageHelpWidth(80)
                .setExecutionExceptionHandler((exception, command, parsed) -> report(exception, command));
    }

    /** Prints errors that the user can fix as a message; others reach the caller with their stack trace. */
    private static int report(Exception exception, CommandLine command) throws Exception {
        if (!(exception instanceof StartException) && !(exception instanceof IOException)) {
            throw exception;
        }
        command.getErr().println(exception.getMessage());
        return CommandLine.ExitCode.SOFTWARE;
    }

    @Override
    public void run() {
        throw new ParameterException(spec().commandLine(), "Missing command.");
    }

    private CommandSpec spec() {
        return Optional.ofNullable(spec).orElseThrow();
    }

    private PrintWriter out() {
        return spec().commandLine().getOut();
    }

    /** An option of all commands. */
    static class HelpOption {
        @Option(
                names = {"-h", "--help"},
                usageHelp = true,
                description = "Print this help.")
        private boolean help;
    }

    /** The folder of the server that a command works on. */
    static final class DataOption extends HelpOption {
        @Option(
                names = "--data",
                paramLabel = "DIR",
                description = "Data folder of the server (default: narthex.data of the settings, else"
                        + " ~/.local/share/narthex).")
        private @Nullable Path folder;

        Path folder() {
            return Optional.ofNullable(folder).orElseGet(Main::dataFolder);
        }
    }

    @Command(
            name = "admin-token",
            description = "Create an admin token and print it. Works while the server runs and while it is stopped.")
    void adminToken(@Mixin DataOption data) throws IOException, InterruptedException {
        AdminTokenCommand.run(data.folder());
    }

    @Command(
            description = "Write the database into the store, as happens every night. Works while the server runs and"
                    + " while it is stopped.")
    void snapshot(@Mixin DataOption data) throws IOException, InterruptedException {
        SnapshotCommand.run(data.folder());
    }

    @Command(
            description = "Fill an empty database from a snapshot, and read newer content of the store. The server must"
                    + " be stopped. If the command is interrupted, run it again.")
    void restore(
            @Mixin DataOption data,
            @Parameters(
                            paramLabel = "SNAPSHOT",
                            arity = "0..1",
                            defaultValue = RestoreCommand.LATEST,
                            description = "Id of the snapshot (default: the newest one).")
                    String snapshot)
            throws IOException, InterruptedException {
        RestoreCommand.run(data.folder(), snapshot);
    }

    @Command(description = "List all settings with type, default, and the value that is set.")
    void settings(
            @Mixin HelpOption helpOption,
            @Option(names = "--check", description = "Only check the settings, as the server does when it starts.")
                    boolean check,
            @Option(names = "--json", description = "Print JSON.") boolean json)
            throws IOException {
        var configuration = RawConfiguration.read();
        if (check) {
            SettingsCheck.require(configuration);
        } else {
            out().print(json ? SettingsList.toJson(configuration) : SettingsList.toText(configuration));
            out().flush();
        }
    }
}
