package dev.dogear.control.cli.line;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where things are when nobody says otherwise: an option goes before the environment, the environment before the XDG
 * folders of the user.
 */
public record Settings(Map<String, String> environment) {
    public static Settings ofProcess() {
        return new Settings(System.getenv());
    }

    /** The data folder. */
    public Path data(@Nullable String option) {
        return chosen(
                option, "DOGEAR_DATA", xdg("XDG_DATA_HOME", ".local/share").resolve("dogear"));
    }

    /** Where the store is shown. */
    public Path mount(@Nullable String option) {
        return chosen(
                option, "DOGEAR_MOUNT", xdg("XDG_STATE_HOME", ".local/state").resolve("dogear/mount"));
    }

    /** Where the daemon answers. */
    public Path socket(@Nullable String option) {
        String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        Path standard = runtime.isEmpty()
                ? xdg("XDG_STATE_HOME", ".local/state").resolve("dogear/run/control.sock")
                : Path.of(runtime, "dogear", "control.sock");
        return chosen(option, "DOGEAR_SOCKET", standard);
    }

    private Path chosen(@Nullable String option, String variable, Path standard) {
        String value = option == null ? environment.getOrDefault(variable, "") : option;
        if (option != null && option.isEmpty()) {
            throw new CommandException(ExitCode.USAGE, "A path must not be empty.");
        }
        return (value.isEmpty() ? standard : Path.of(value)).toAbsolutePath().normalize();
    }

    private Path xdg(String variable, String inHome) {
        String value = environment.getOrDefault(variable, "");
        // The XDG rules say that a relative path is to be ignored.
        if (value.startsWith("/")) {
            return Path.of(value);
        }
        return Path.of(environment.getOrDefault("HOME", System.getProperty("user.home", "/")))
                .resolve(inHome);
    }
}
