package dev.dogear.control.cli;

import dev.dogear.control.cli.line.Arguments;
import dev.dogear.control.cli.line.CommandException;
import dev.dogear.control.cli.line.ExitCode;
import dev.dogear.control.cli.line.Invocation;
import dev.dogear.control.cli.line.PassedStatus;
import dev.dogear.control.cli.line.Settings;
import dev.dogear.control.cli.line.Verb;
import dev.dogear.control.cli.verbs.Commands;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;

/** The command {@code dogear}. */
public final class Dogear {
    private final Settings settings;
    private final PrintStream out;
    private final PrintStream err;

    Dogear(Settings settings, PrintStream out, PrintStream err) {
        this.settings = settings;
        this.out = out;
        this.err = err;
    }

    public static void main(String[] args) {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        int status = new Dogear(Settings.ofProcess(), out, System.err).run(args);
        out.flush();
        System.exit(status);
    }

    /** Runs a command line; answers its exit status. */
    int run(String... args) {
        try {
            return dispatch(args).number();
        } catch (PassedStatus e) {
            return e.status();
        } catch (CommandException e) {
            err.println("dogear: " + e.getMessage());
            return e.exit().number();
        } catch (IOException e) {
            err.println("dogear: " + (e.getMessage() == null ? e.toString() : e.getMessage()));
            return ExitCode.FAILED.number();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.FAILED.number();
        }
    }

    private ExitCode dispatch(String[] args) throws IOException, InterruptedException {
        String first = args.length > 0 ? args[0] : "";
        boolean grouped = Commands.groups().containsKey(first);
        int count = Math.min(args.length, grouped ? 2 : 1);
        Verb verb = Commands.find(String.join(" ", Arrays.asList(args).subList(0, count)));
        if (verb != null) {
            return run(verb, Arrays.asList(args).subList(count, args.length));
        }
        switch (first) {
            case "--version", "-V" -> {
                out.println("dogear " + version());
                return ExitCode.OK;
            }
            case "completion" -> {
                out.print(Usage.completion());
                return ExitCode.OK;
            }
            case "man" -> {
                out.print(ManPage.page());
                return ExitCode.OK;
            }
            case "archive-classes" -> {
                Rehearsal.run(out);
                return ExitCode.OK;
            }
            default -> {
                return help(args, first, grouped);
            }
        }
    }

    private ExitCode help(String[] args, String first, boolean grouped) {
        CommandLine root = Usage.all();
        CommandLine all = grouped ? root.getSubcommands().getOrDefault(first, root) : root;
        String last = args.length == 0 ? "" : args[args.length - 1];
        boolean wanted = last.equals("--help") || last.equals("-h") || last.equals("help");
        if (wanted && args.length <= (grouped ? 2 : 1)) {
            all.usage(out);
            return ExitCode.OK;
        }
        if (args.length > (grouped ? 1 : 0)) {
            err.println("dogear: There is no command: dogear " + String.join(" ", args));
        }
        all.usage(err);
        return ExitCode.USAGE;
    }

    private ExitCode run(Verb verb, List<String> words) throws IOException, InterruptedException {
        Arguments arguments = Arguments.parsePlain(verb, words);
        if (arguments == null) {
            arguments = Usage.parse(verb, words);
        }
        if (arguments == null) {
            Usage.help(verb).usage(out);
            return ExitCode.OK;
        }
        return verb.action().run(new Invocation(arguments, settings, out, err));
    }

    static String version() {
        String version = Dogear.class.getPackage().getImplementationVersion();
        return version == null ? "(built from source)" : version;
    }
}
