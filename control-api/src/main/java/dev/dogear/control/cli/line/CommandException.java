package dev.dogear.control.cli.line;

/** The command ends with a message and an exit status. Expected, so without a stack trace. */
public final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ExitCode exit;

    public CommandException(ExitCode exit, String text) {
        super(text, null, false, false);
        this.exit = exit;
    }

    public ExitCode exit() {
        return exit;
    }
}
