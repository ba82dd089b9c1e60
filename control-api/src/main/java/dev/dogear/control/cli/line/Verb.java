package dev.dogear.control.cli.line;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One subcommand: its words, its arguments, what it does. Plain data, so that the command starts fast. */
public final class Verb {
    /** What REPO is in most verbs. */
    public static final String REPOSITORY = "Name of the repository.";

    /** What REPO/BOOKMARK is in most verbs. */
    public static final String BOOKMARK = "The bookmark, such as app/session/1.";

    private final String words;
    private final String summary;
    private final List<String> examples = new ArrayList<>();
    private final List<Option> options = new ArrayList<>();
    private final List<Positional> positionals = new ArrayList<>();
    private Action action = asked -> ExitCode.OK;

    /** Does the work and says how it ended. */
    @FunctionalInterface
    public interface Action {
        ExitCode run(Invocation asked) throws IOException, InterruptedException;
    }

    /** What may follow an option. */
    public enum Kind {
        /** Nothing. */
        FLAG,
        /** A value. */
        VALUE,
        /** A value; the option may be there again and again. */
        VALUES
    }

    /** An option; {@code names} has the long name last, {@code label} stands for its value in the help. */
    public record Option(List<String> names, Kind kind, String label, String description) {
        public String name() {
            return names.get(names.size() - 1);
        }
    }

    /** An argument known by its place; a repeated one is the last, and stands for any number of them. */
    public record Positional(String label, String description, boolean required, boolean repeated) {}

    private Verb(String words, String summary) {
        this.words = words;
        this.summary = summary;
    }

    /** @param words such as {@code repo create} */
    public static Verb of(String words, String summary) {
        return new Verb(words, summary);
    }

    /** The next positional argument. */
    public Verb argument(String label, String description) {
        positionals.add(new Positional(label, description, true, false));
        return this;
    }

    /** The next positional argument, which may be left out. */
    public Verb optional(String label, String description) {
        positionals.add(new Positional(label, description, false, false));
        return this;
    }

    /** All further positional arguments, any number of them. */
    public Verb further(String label, String description) {
        positionals.add(new Positional(label, description, false, true));
        return this;
    }

    /** An option with a value; names are separated by a comma, the long one last. */
    public Verb option(String names, String label, String description) {
        options.add(new Option(List.of(names.split(",")), Kind.VALUE, label, description));
        return this;
    }

    /** An option with a value that can be given again and again. */
    public Verb options(String names, String label, String description) {
        options.add(new Option(List.of(names.split(",")), Kind.VALUES, label, description));
        return this;
    }

    /** An option without a value. */
    public Verb flag(String names, String description) {
        options.add(new Option(List.of(names.split(",")), Kind.FLAG, "", description));
        return this;
    }

    public Verb example(String example) {
        examples.add(example);
        return this;
    }

    /** Ends the description: what every verb takes is added here. */
    public Verb runs(Action what) {
        flag("--json", "Print the daemon's answer as JSON.");
        if (option("--socket") == null) {
            option("--socket", "PATH", "Where the daemon answers (also DOGEAR_SOCKET).");
        }
        this.action = what;
        return this;
    }

    public String words() {
        return words;
    }

    public String summary() {
        return summary;
    }

    public List<String> examples() {
        return examples;
    }

    public List<Option> options() {
        return options;
    }

    public List<Positional> positionals() {
        return positionals;
    }

    public Action action() {
        return action;
    }

    public long positionalsNeeded() {
        return positionals.stream().filter(Positional::required).count();
    }

    public long positionalsAllowed() {
        return positionals.stream().anyMatch(Positional::repeated) ? Long.MAX_VALUE : positionals.size();
    }

    /** The option of that name, short or long, or null. */
    @Nullable
    public Option option(String name) {
        for (Option option : options) {
            if (option.names().contains(name)) {
                return option;
            }
        }
        return null;
    }
}
