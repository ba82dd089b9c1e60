package dev.dogear.control.cli;

import dev.dogear.control.cli.line.Arguments;
import dev.dogear.control.cli.line.CommandException;
import dev.dogear.control.cli.line.ExitCode;
import dev.dogear.control.cli.line.Verb;
import dev.dogear.control.cli.verbs.Commands;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** The verbs in picocli's words: for help, for lines that are not plain, for what is wrong with them, for completion. */
final class Usage {
    private Usage() {}

    /**
     * Parses a line of that verb.
     *
     * @return null if help was asked for
     * @throws CommandException USAGE with what is wrong
     */
    static @Nullable Arguments parse(Verb verb, List<String> words) {
        CommandLine line = new CommandLine(spec(verb, "dogear " + verb.words()));
        try {
            ParseResult parsed = line.parseArgs(words.toArray(String[]::new));
            return line.isUsageHelpRequested() ? null : arguments(verb, parsed);
        } catch (CommandLine.ParameterException e) {
            throw new CommandException(ExitCode.USAGE, e.getMessage() + "\nSee: dogear " + verb.words() + " --help");
        }
    }

    private static Arguments arguments(Verb verb, ParseResult parsed) {
        List<String> positionals = new ArrayList<>();
        for (PositionalParamSpec each : parsed.matchedPositionals()) {
            positionals.addAll(each.stringValues());
        }
        Map<String, List<String>> options = new HashMap<>();
        for (Verb.Option option : verb.options()) {
            if (parsed.hasMatchedOption(option.name())) {
                boolean flag = option.kind() == Verb.Kind.FLAG;
                options.put(
                        option.name(),
                        flag ? List.of("") : parsed.matchedOption(option.name()).stringValues());
            }
        }
        return new Arguments(positionals, options);
    }

    /** The help of one verb. */
    static CommandLine help(Verb verb) {
        return new CommandLine(spec(verb, "dogear " + verb.words()));
    }

    private static CommandSpec spec(Verb verb, String name) {
        CommandSpec spec = CommandSpec.create().name(name);
        for (Verb.Positional each : verb.positionals()) {
            String index = Integer.toString(spec.positionalParameters().size());
            PositionalParamSpec.Builder builder = PositionalParamSpec.builder()
                    .index(each.repeated() ? index + "..*" : index)
                    .paramLabel(each.label())
                    .description(each.description())
                    .required(each.required());
            spec.addPositional(
                    each.repeated()
                            ? builder.type(List.class)
                                    .auxiliaryTypes(String.class)
                                    .arity("0..*")
                                    .build()
                            : builder.type(String.class)
                                    .arity(each.required() ? "1" : "0..1")
                                    .build());
        }
        for (Verb.Option each : verb.options()) {
            spec.addOption(option(each));
        }
        spec.addOption(help());
        spec.usageMessage().description(verb.summary()).footer(footer(verb));
        return spec;
    }

    private static OptionSpec option(Verb.Option option) {
        OptionSpec.Builder builder =
                OptionSpec.builder(option.names().toArray(String[]::new)).description(option.description());
        return switch (option.kind()) {
            case FLAG -> builder.type(boolean.class).build();
            case VALUE -> builder.type(String.class).paramLabel(option.label()).build();
            case VALUES ->
                builder.type(List.class)
                        .auxiliaryTypes(String.class)
                        .paramLabel(option.label())
                        .build();
        };
    }

    private static OptionSpec help() {
        return OptionSpec.builder("-h", "--help")
                .description("Show this help.")
                .type(boolean.class)
                .usageHelp(true)
                .build();
    }

    private static String[] footer(Verb verb) {
        List<String> lines = new ArrayList<>();
        lines.add("");
        verb.examples().forEach(example -> lines.add("Example: " + example));
        lines.add("");
        lines.add("Exit status:");
        for (ExitCode code : ExitCode.values()) {
            lines.add("  " + code.number() + "  " + code.meaning());
        }
        return lines.toArray(String[]::new);
    }

    /** Every verb below one command. */
    static CommandLine all() {
        CommandSpec root = CommandSpec.create().name("dogear");
        root.usageMessage()
                .description("Versioned directories: edit with any tool, checkpoint, undo, merge.")
                .footer("", "Help on a command: dogear COMMAND --help", "Example: dogear up && dogear repo create app");
        root.addOption(help());
        root.addOption(OptionSpec.builder("-V", "--version")
                .description("Show the version.")
                .type(boolean.class)
                .versionHelp(true)
                .build());
        for (String words : Commands.words()) {
            Verb verb = Commands.find(words);
            if (verb == null) {
                throw new IllegalStateException("no verb for " + words);
            }
            String[] parts = words.split(" ", 2);
            CommandSpec parent = parts.length == 2 ? group(root, parts[0]) : root;
            String name = parts[parts.length - 1];
            parent.addSubcommand(name, spec(verb, name));
        }
        CommandSpec completion = CommandSpec.create().name("completion");
        completion.usageMessage().description("Prints the completion script for bash: source <(dogear completion)");
        root.addSubcommand("completion", completion);
        return new CommandLine(root);
    }

    private static CommandSpec group(CommandSpec root, String name) {
        CommandLine known = root.subcommands().get(name);
        if (known != null) {
            return known.getCommandSpec();
        }
        CommandSpec group = CommandSpec.create().name(name);
        group.addOption(help());
        group.usageMessage().description(Commands.groups().get(name));
        root.addSubcommand(name, group);
        return group;
    }

    /** What {@code dogear completion} prints. */
    static String completion() {
        return AutoComplete.bash("dogear", all());
    }
}
