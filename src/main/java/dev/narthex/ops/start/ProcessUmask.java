package dev.narthex.ops.start;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes all files and folders that this process creates accessible to its own user only, however it was started. */
final class ProcessUmask {
    private static final int OWNER_ONLY = 0077;
    private static final Path STATUS = Path.of("/proc/self/status");

    private ProcessUmask() {}

    static void restrict() {
        if (!isRestricted()) {
            set();
        }
    }

    /** {@code deploy/serve} and systemd set the umask already; reading it is a hundred times faster than a first native call. */
    private static boolean isRestricted() {
        try (var lines = Files.lines(STATUS)) {
            return lines.anyMatch(line -> line.startsWith("Umask:") && line.endsWith("077"));
        } catch (IOException e) {
            return false;
        }
    }

    /** Java has no method for this. umask(2) cannot fail; mode_t is 32 bits wide on Linux. */
    private static void set() {
        var linker = Linker.nativeLinker();
        var umask = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("umask"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        try {
            var previous = (int) umask.invokeExact(OWNER_ONLY);
            assert previous >= 0;
        } catch (Throwable e) {
            throw new IllegalStateException("the umask cannot be set", e);
        }
    }
}
