package dev.dogear.control.cli.line;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What stood behind a verb.
 *
 * @param positionals in their order
 * @param options values by an option's long name; one empty value for an option that takes none
 */
public record Arguments(List<String> positionals, Map<String, List<String>> options) {
    /**
     * Parses a plain, correct line, as nearly all are: loading picocli takes longer than all else a command does. It
     * knows options with and without value, {@code --name=value}, and {@code --}.
     *
     * @return null for any other line, which picocli is then asked about
     */
    public static @Nullable Arguments parsePlain(Verb verb, List<String> words) {
        Arguments parsed = new Arguments(new ArrayList<>(), new HashMap<>());
        boolean optionsEnded = false;
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (optionsEnded || !word.startsWith("-") || word.equals("-")) {
                parsed.positionals.add(word);
            } else if (word.equals("--")) {
                optionsEnded = true;
            } else {
                int taken = parsed.option(verb, words, i);
                if (taken == 0) {
                    return null;
                }
                i += taken - 1;
            }
        }
        int count = parsed.positionals.size();
        return count >= verb.positionalsNeeded() && count <= verb.positionalsAllowed() ? parsed : null;
    }

    /**
     * Words that are each {@code KEY=VALUE}, in their order.
     *
     * @param what what they are, for who writes them otherwise
     */
    public static Map<String, @Nullable String> pairs(String what, List<String> words) {
        Map<String, @Nullable String> pairs = new LinkedHashMap<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals <= 0) {
                throw new CommandException(ExitCode.USAGE, "Write " + what + " as KEY=VALUE instead of: " + word);
            }
            pairs.put(word.substring(0, equals), word.substring(equals + 1));
        }
        return pairs;
    }

    /** How many words the option at that place takes up; 0 if it is not understood. */
    private int option(Verb verb, List<String> words, int at) {
        String word = words.get(at);
        int equals = word.startsWith("--") ? word.indexOf('=') : -1;
        Verb.Option option = verb.option(equals < 0 ? word : word.substring(0, equals));
        if (option == null) {
            return 0;
        }
        List<String> values = options.computeIfAbsent(option.name(), name -> new ArrayList<>());
        if (!values.isEmpty() && option.kind() != Verb.Kind.VALUES) {
            return 0;
        }
        if (option.kind() == Verb.Kind.FLAG) {
            values.add("");
            return equals < 0 ? 1 : 0;
        }
        if (equals >= 0) {
            values.add(word.substring(equals + 1));
            return 1;
        }
        if (at + 1 == words.size() || words.get(at + 1).startsWith("-")) {
            return 0;
        }
        values.add(words.get(at + 1));
        return 2;
    }
}
