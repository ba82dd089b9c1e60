package dev.dogear.control.cli;

/** The command ends with a message and an exit status. Expected, so without a stack trace. */
final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ExitCode exit;

    CommandException(ExitCode exit, String text) {
        super(text, null, false, false);
        this.exit = exit;
    }

    ExitCode exit() {
        return exit;
    }
}
