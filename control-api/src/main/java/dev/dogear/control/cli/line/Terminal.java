package dev.dogear.control.cli.line;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/** Whether somebody looks at the answer, and colours for it. What is piped gets none. */
public final class Terminal {
    private static final String RESET = "\u001b[0m";
    private static final Set<String> AGREEMENTS = Set.of("y", "yes");

    /** What a piece of text is, by its colour. */
    public enum Colour {
        HEADING("\u001b[1m"),
        PLACE("\u001b[36m"),
        ADDED("\u001b[32m"),
        DELETED("\u001b[31m"),
        ID("\u001b[33m");

        private final String code;

        Colour(String code) {
            this.code = code;
        }

        /** The text in this colour. */
        public String of(String text) {
            return code + text + RESET;
        }
    }

    private Terminal() {}

    /** Whether the process's output is a terminal that wants colours; NO_COLOR, or TERM=dumb, says no. */
    public static boolean isColoured(Settings settings) {
        if (!settings.environment().getOrDefault("NO_COLOR", "").isEmpty()
                || settings.environment().getOrDefault("TERM", "dumb").equals("dumb")) {
            return false;
        }
        return isTerminal(1);
    }

    /** Whether somebody is there to be asked: both input and output are a terminal. */
    public static boolean isInteractive() {
        return isTerminal(0) && isTerminal(1);
    }

    /** Asks for a yes or no at the terminal; who says nothing says no. */
    public static boolean agrees(PrintStream out, String question) throws IOException {
        out.print(question + " [y/N] ");
        out.flush();
        String answer = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
        return answer != null && AGREEMENTS.contains(answer.strip().toLowerCase(Locale.ROOT));
    }

    private static boolean isTerminal(int descriptor) {
        try {
            String file = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return file.startsWith("/dev/pts/") || file.startsWith("/dev/tty");
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    /** Prints the patch that the daemon has there; its bytes are as they are in files, of any encoding. */
    public static void printPatch(Invocation asked, String path) throws IOException {
        byte[] patch = asked.getText(path);
        if (isColoured(asked.settings())) {
            patch(asked.out(), patch);
        } else {
            asked.out().writeBytes(patch);
        }
        asked.out().flush();
    }

    static void patch(PrintStream out, byte[] patch) {
        // One byte a character and back: no byte is lost.
        for (String line :
                new String(patch, StandardCharsets.ISO_8859_1).lines().toList()) {
            out.writeBytes(coloured(line).getBytes(StandardCharsets.ISO_8859_1));
            out.write('\n');
        }
    }

    static String coloured(String line) {
        if (line.startsWith("diff ") || line.startsWith("--- ") || line.startsWith("+++ ")) {
            return Colour.HEADING.of(line);
        } else if (line.startsWith("@@")) {
            return Colour.PLACE.of(line);
        } else if (line.startsWith("+")) {
            return Colour.ADDED.of(line);
        }
        return line.startsWith("-") ? Colour.DELETED.of(line) : line;
    }
}
