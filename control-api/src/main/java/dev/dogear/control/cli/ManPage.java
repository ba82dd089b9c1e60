package dev.dogear.control.cli;

import dev.dogear.control.cli.line.ExitCode;
import dev.dogear.control.cli.line.Verb;
import dev.dogear.control.cli.verbs.Commands;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The manual page, from the same verbs as the help: in the language of man(7). */
final class ManPage {
    private static final Map<String, String> ENVIRONMENT = new TreeMap<>(Map.of(
            "DOGEAR_DATA", "The data folder, for --data.",
            "DOGEAR_MOUNT", "Where the store is shown, for --mount.",
            "DOGEAR_SOCKET", "Where the daemon answers, for --socket."));

    private final StringBuilder text = new StringBuilder();

    private ManPage() {}

    /** What {@code dogear man} prints. */
    static String page() {
        ManPage page = new ManPage();
        page.line(".TH DOGEAR 1");
        page.section("NAME");
        page.paragraph("dogear - versioned directories: edit with any tool, checkpoint, undo, merge");
        page.section("SYNOPSIS");
        page.line(".B dogear");
        page.line(".I COMMAND");
        page.paragraph("[ARGUMENT]... [OPTION]...");
        page.section("DESCRIPTION");
        page.paragraph(
                "A daemon shows every bookmark of every repository as a live, writable directory. The commands ask"
                        + " the daemon over its socket: to make a change of what was edited, to go back, to merge.");
        page.section("COMMANDS");
        Commands.words().forEach(page::verb);
        page.section("EXIT STATUS");
        for (ExitCode code : ExitCode.values()) {
            page.item(Integer.toString(code.number()), code.meaning());
        }
        page.section("ENVIRONMENT");
        ENVIRONMENT.forEach(page::item);
        return page.text.toString();
    }

    private void verb(String words) {
        Verb verb = Commands.find(words);
        if (verb == null) {
            throw new IllegalStateException("no verb for " + words);
        }
        StringBuilder usage = new StringBuilder("dogear ").append(words);
        for (Verb.Positional each : verb.positionals()) {
            String label = each.repeated() ? each.label() + "..." : each.label();
            usage.append(' ').append(each.required() ? label : "[" + label + "]");
        }
        line(".SS " + escape(usage.toString()));
        paragraph(verb.summary());
        verb.positionals().forEach(each -> item(each.label(), each.description()));
        for (Verb.Option option : verb.options()) {
            String names = String.join(", ", option.names());
            item(option.label().isEmpty() ? names : names + " " + option.label(), option.description());
        }
        List<String> examples = verb.examples();
        if (!examples.isEmpty()) {
            line(".PP");
            line(examples.size() == 1 ? "Example:" : "Examples:");
            line(".PP");
            line(".nf");
            examples.forEach(example -> paragraph("    " + example));
            line(".fi");
        }
    }

    private void section(String name) {
        line(".SH " + name);
    }

    private void item(String term, String meaning) {
        line(".TP");
        line(".B " + escape(term));
        paragraph(meaning);
    }

    private void paragraph(String plain) {
        String escaped = escape(plain);
        // A line that begins so would be a request.
        line(escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped);
    }

    private void line(String line) {
        text.append(line).append('\n');
    }

    private static String escape(String plain) {
        return plain.replace("\\", "\\e")
                .replace("-", "\\-")
                .replace("\u2026", "...")
                .replace("\"", "\\(dq");
    }
}
