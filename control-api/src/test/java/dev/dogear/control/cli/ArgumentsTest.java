package dev.dogear.control.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dogear.control.cli.line.Arguments;
import dev.dogear.control.cli.line.CommandException;
import dev.dogear.control.cli.line.ExitCode;
import dev.dogear.control.cli.line.Verb;
import dev.dogear.control.cli.verbs.Commands;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The quick parser says the same as picocli, or nothing. */
final class ArgumentsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "app/main",
                "app/main -m text",
                "app/main --message text",
                "app/main --message=text=more",
                "app/main --message=",
                "--json app/main",
                "app/main --meta a=b --meta c=d --author x",
                "--meta a=b app/main --allow-empty",
                "-- app/main",
                "--json -- -odd-name",
                "-"
            })
    void plainLinesAreParsedAsPicocliDoes(String line) {
        Verb verb = Objects.requireNonNull(Commands.find("checkpoint"));
        List<String> words = Arrays.asList(line.split(" "));
        Arguments plain = Arguments.parsePlain(verb, words);
        assertNotNull(plain);
        assertEquals(Usage.parse(verb, words), plain);
    }

    @ParameterizedTest
    @ValueSource(strings = {"app/main -mtext", "--help", "-h"})
    void otherLinesAreLeftToPicocli(String line) {
        Verb verb = Objects.requireNonNull(Commands.find("checkpoint"));
        List<String> words = Arrays.asList(line.split(" "));
        assertNull(Arguments.parsePlain(verb, words));
        Usage.parse(verb, words);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a b",
                "app/main --wrong",
                "app/main -m",
                "app/main -m a -m b",
                "app/main --json=3x",
                "a --meta --json"
            })
    void wrongLinesAreRefused(String line) {
        Verb verb = Objects.requireNonNull(Commands.find("checkpoint"));
        List<String> words = line.isEmpty() ? List.of() : Arrays.asList(line.split(" "));
        assertNull(Arguments.parsePlain(verb, words));
        CommandException e = assertThrows(CommandException.class, () -> Usage.parse(verb, words));
        assertEquals(ExitCode.USAGE, e.exit());
    }
}
