package dev.dogear.control.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One subcommand: its words, its arguments, what it does. Plain data, so that the command starts fast. */
final class Verb {
    private final String words;
    private final String summary;
    private final List<String> examples = new ArrayList<>();
    private final List<Option> options = new ArrayList<>();
    private final List<Positional> positionals = new ArrayList<>();
    private Action action = asked -> ExitCode.OK;

    /** Does the work and says how it ended. */
    @FunctionalInterface
    interface Action {
        ExitCode run(Invocation asked) throws IOException, InterruptedException;
    }

    /** What may follow an option. */
    enum Kind {
        /** Nothing. */
        FLAG,
        /** A value. */
        VALUE,
        /** A value; the option may be there again and again. */
        VALUES
    }

    /** An option; {@code names} has the long name last, {@code label} stands for its value in the help. */
    record Option(List<String> names, Kind kind, String label, String description) {
        String name() {
            return names.get(names.size() - 1);
        }
    }

    /** An argument known by its place; a repeated one is the last, and stands for any number of them. */
    record Positional(String label, String description, boolean required, boolean repeated) {}

    private Verb(String words, String summary) {
        this.words = words;
        this.summary = summary;
    }

    /** @param words such as {@code repo create} */
    static Verb of(String words, String summary) {
        return new Verb(words, summary);
    }

    /** The next positional argument. */
    Verb argument(String label, String description) {
        positionals.add(new Positional(label, description, true, false));
        return this;
    }

    /** The next positional argument, which may be left out. */
    Verb optional(String label, String description) {
        positionals.add(new Positional(label, description, false, false));
        return this;
    }

    /** All further positional arguments, any number of them. */
    Verb further(String label, String description) {
        positionals.add(new Positional(label, description, false, true));
        return this;
    }

    /** An option with a value; names are separated by a comma, the long one last. */
    Verb option(String names, String label, String description) {
        options.add(new Option(List.of(names.split(",")), Kind.VALUE, label, description));
        return this;
    }

    /** An option with a value that can be given again and again. */
    Verb options(String names, String label, String description) {
        options.add(new Option(List.of(names.split(",")), Kind.VALUES, label, description));
        return this;
    }

    /** An option without a value. */
    Verb flag(String names, String description) {
        options.add(new Option(List.of(names.split(",")), Kind.FLAG, "", description));
        return this;
    }

    Verb example(String example) {
        examples.add(example);
        return this;
    }

    /** Ends the description: what every verb takes is added here. */
    Verb runs(Action what) {
        flag("--json", "Print the daemon's answer as JSON.");
        if (option("--socket") == null) {
            option("--socket", "PATH", "Where the daemon answers (also DOGEAR_SOCKET).");
        }
        this.action = what;
        return this;
    }

    String words() {
        return words;
    }

    String summary() {
        return summary;
    }

    List<String> examples() {
        return examples;
    }

    List<Option> options() {
        return options;
    }

    List<Positional> positionals() {
        return positionals;
    }

    Action action() {
        return action;
    }

    long positionalsNeeded() {
        return positionals.stream().filter(Positional::required).count();
    }

    long positionalsAllowed() {
        return positionals.stream().anyMatch(Positional::repeated) ? Long.MAX_VALUE : positionals.size();
    }

    /** The option of that name, short or long, or null. */
    @Nullable
    Option option(String name) {
        for (Option option : options) {
            if (option.names().contains(name)) {
                return option;
            }
        }
        return null;
    }
}
