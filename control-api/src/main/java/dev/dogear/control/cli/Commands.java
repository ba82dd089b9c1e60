package dev.dogear.control.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** All verbs by their words. Only the one asked for is built, so that the command starts fast. */
final class Commands {
    private static final List<String> WORDS = List.of(
            "up",
            "down",
            "status",
            "repo create",
            "repo list",
            "repo delete",
            "import",
            "export",
            "bookmark create",
            "bookmark list",
            "bookmark move",
            "bookmark delete",
            "checkpoint",
            "undo",
            "redo",
            "log",
            "diff",
            "merge",
            "operations",
            "mount",
            "mounts",
            "umount",
            "check");

    private Commands() {}

    /** The verb of those words, or null. */
    static @Nullable Verb find(String words) {
        return switch (words) {
            case "up" -> DaemonVerbs.up();
            case "down" -> DaemonVerbs.down();
            case "status" -> DaemonVerbs.status();
            case "check" -> DaemonVerbs.check();
            case "repo create" -> RepositoryVerbs.create();
            case "repo list" -> RepositoryVerbs.list();
            case "repo delete" -> RepositoryVerbs.delete();
            case "import" -> TransferVerbs.importTree();
            case "export" -> TransferVerbs.exportTree();
            case "bookmark create" -> BookmarkVerbs.create();
            case "bookmark list" -> BookmarkVerbs.list();
            case "bookmark move" -> BookmarkVerbs.move();
            case "bookmark delete" -> BookmarkVerbs.delete();
            case "merge" -> BookmarkVerbs.merge();
            default -> findMore(words);
        };
    }

    private static @Nullable Verb findMore(String words) {
        return switch (words) {
            case "checkpoint" -> HistoryVerbs.checkpoint();
            case "undo" -> HistoryVerbs.undo();
            case "redo" -> HistoryVerbs.redo();
            case "log" -> HistoryVerbs.log();
            case "diff" -> HistoryVerbs.diff();
            case "operations" -> HistoryVerbs.operations();
            case "mount" -> MountVerbs.mount();
            case "mounts" -> MountVerbs.mounts();
            case "umount" -> MountVerbs.unmount();
            default -> null;
        };
    }

    static List<String> words() {
        return WORDS;
    }

    /** Every verb below one command: for help and for the completion of shells. */
    static CommandLine all() {
        CommandSpec root = CommandSpec.create().name("dogear");
        root.usageMessage()
                .description("Versioned directories: edit with any tool, checkpoint, undo, merge.")
                .footer("", "Help on a command: dogear COMMAND --help", "Example: dogear up && dogear repo create app");
        root.addOption(OptionSpec.builder("-h", "--help")
                .description("Show this help.")
                .type(boolean.class)
                .usageHelp(true)
                .build());
        root.addOption(OptionSpec.builder("-V", "--version")
                .description("Show the version.")
                .type(boolean.class)
                .versionHelp(true)
                .build());
        for (String words : WORDS) {
            Verb verb = find(words);
            if (verb == null) {
                throw new IllegalStateException("no verb for " + words);
            }
            String[] parts = words.split(" ", 2);
            CommandSpec parent = root;
            if (parts.length == 2) {
                parent = group(root, parts[0]);
            }
            String name = parts[parts.length - 1];
            parent.addSubcommand(name, verb.spec(name));
        }
        CommandSpec completion = CommandSpec.create().name("completion");
        completion.usageMessage().description("Prints the completion script for bash.");
        root.addSubcommand("completion", completion);
        return new CommandLine(root);
    }

    private static CommandSpec group(CommandSpec root, String name) {
        CommandLine known = root.subcommands().get(name);
        if (known != null) {
            return known.getCommandSpec();
        }
        CommandSpec group = CommandSpec.create().name(name);
        group.usageMessage()
                .description(
                        name.equals("repo")
                                ? "Make, list and delete repositories."
                                : "Make, list, move and delete bookmarks.");
        root.addSubcommand(name, group);
        return group;
    }
}
