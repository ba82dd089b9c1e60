package dev.dogear.control.cli.line;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who the user is to git: by GIT_AUTHOR_NAME and GIT_AUTHOR_EMAIL, else by name and email of the section {@code [user]} of
 * their own configuration. Its files are read here, since to ask git would cost more than all else a command does.
 */
public final class GitAuthor {
    private GitAuthor() {}

    /** Name and email, or null if git knows no name. */
    public static @Nullable Map<String, String> of(Settings settings) {
        Map<String, String> environment = settings.environment();
        Map<String, String> user = new HashMap<>();
        for (Path file : files(environment)) {
            read(file, user);
        }
        String name = environment.getOrDefault("GIT_AUTHOR_NAME", user.getOrDefault("name", ""));
        String email = environment.getOrDefault("GIT_AUTHOR_EMAIL", user.getOrDefault("email", ""));
        boolean usable = !name.isBlank() && (name + email).chars().noneMatch(c -> c < ' ' || c == '<' || c == '>');
        return usable ? Map.of("name", name, "email", email) : null;
    }

    /** The later one has the last word. */
    private static List<Path> files(Map<String, String> environment) {
        String named = environment.getOrDefault("GIT_CONFIG_GLOBAL", "");
        if (!named.isEmpty()) {
            return List.of(Path.of(named));
        }
        String home = environment.getOrDefault("HOME", "");
        if (home.isEmpty()) {
            return List.of();
        }
        String xdg = environment.getOrDefault("XDG_CONFIG_HOME", "");
        Path folder = xdg.startsWith("/") ? Path.of(xdg) : Path.of(home, ".config");
        return List.of(folder.resolve("git/config"), Path.of(home, ".gitconfig"));
    }

    private static void read(Path file, Map<String, String> user) {
        List<String> lines;
        try {
            lines = Files.isReadable(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            return;
        }
        boolean inUser = false;
        for (String line : lines) {
            String text = line.strip();
            if (text.startsWith("[")) {
                inUser = text.toLowerCase(Locale.ROOT).startsWith("[user]");
            }
            int equals = text.indexOf('=');
            if (inUser && equals > 0 && !text.startsWith("#") && !text.startsWith(";")) {
                user.put(
                        text.substring(0, equals).strip().toLowerCase(Locale.ROOT),
                        value(text.substring(equals + 1).strip()));
            }
        }
    }

    private static String value(String text) {
        boolean quoted = text.length() > 1 && text.startsWith("\"") && text.endsWith("\"");
        if (quoted) {
            return text.substring(1, text.length() - 1).replace("\\\"", "\"");
        }
        int comment = text.indexOf(" #") >= 0 ? text.indexOf(" #") : text.indexOf(" ;");
        return comment < 0 ? text : text.substring(0, comment).strip();
    }
}
