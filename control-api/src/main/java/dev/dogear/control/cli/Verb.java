package dev.dogear.control.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * One subcommand: its words, its arguments, what it does. Described by calls instead of annotations, because reading
 * annotations takes most of the time such a short command runs.
 */
final class Verb {
    private final String words;
    private final String summary;
    private final List<String> examples = new ArrayList<>();
    private final List<OptionSpec> options = new ArrayList<>();
    private final List<PositionalParamSpec> positionals = new ArrayList<>();
    private Action action = asked -> ExitCode.OK;

    /** Does the work and says how it ended. */
    @FunctionalInterface
    interface Action {
        ExitCode run(Invocation asked) throws IOException, InterruptedException;
    }

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
        positionals.add(PositionalParamSpec.builder()
                .index(Integer.toString(positionals.size()))
                .paramLabel(label)
                .description(description)
                .type(String.class)
                .required(true)
                .build());
        return this;
    }

    /** The next positional argument, which may be left out. */
    Verb optional(String label, String description) {
        positionals.add(PositionalParamSpec.builder()
                .index(Integer.toString(positionals.size()))
                .paramLabel(label)
                .description(description)
                .type(String.class)
                .required(false)
                .arity("0..1")
                .build());
        return this;
    }

    /** An option with a value; names are separated by a comma. */
    Verb option(String names, String label, String description) {
        options.add(OptionSpec.builder(names.split(","))
                .paramLabel(label)
                .description(description)
                .type(String.class)
                .build());
        return this;
    }

    /** An option with a value that can be given again and again. */
    Verb options(String names, String label, String description) {
        options.add(OptionSpec.builder(names.split(","))
                .paramLabel(label)
                .description(description)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .build());
        return this;
    }

    /** An option without a value. */
    Verb flag(String names, String description) {
        options.add(OptionSpec.builder(names.split(","))
                .description(description)
                .type(boolean.class)
                .build());
        return this;
    }

    Verb example(String example) {
        examples.add(example);
        return this;
    }

    Verb runs(Action what) {
        this.action = what;
        return this;
    }

    String words() {
        return words;
    }

    String summary() {
        return summary;
    }

    Action action() {
        return action;
    }

    /** The description that arguments are parsed by, under that name. */
    CommandSpec spec(String name) {
        CommandSpec spec = CommandSpec.create().name(name);
        positionals.forEach(spec::addPositional);
        options.forEach(spec::addOption);
        spec.addOption(OptionSpec.builder("--json")
                .description("Print the daemon's answer as JSON.")
                .type(boolean.class)
                .build());
        if (!spec.optionsMap().containsKey("--socket")) {
            spec.addOption(OptionSpec.builder("--socket")
                    .paramLabel("PATH")
                    .description("Where the daemon answers (also DOGEAR_SOCKET).")
                    .type(String.class)
                    .build());
        }
        spec.addOption(OptionSpec.builder("-h", "--help")
                .description("Show this help.")
                .type(boolean.class)
                .usageHelp(true)
                .build());
        spec.usageMessage().description(summary).footer(footer());
        return spec;
    }

    private String[] footer() {
        List<String> lines = new ArrayList<>();
        lines.add("");
        for (String example : examples) {
            lines.add("Example: " + example);
        }
        lines.add("");
        lines.add("Exit status:");
        for (ExitCode code : ExitCode.values()) {
            lines.add("  " + code.number() + "  " + code.meaning());
        }
        return lines.toArray(String[]::new);
    }
}
