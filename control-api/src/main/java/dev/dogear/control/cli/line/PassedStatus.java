package dev.dogear.control.cli.line;

/** Ends the command with the exit status of another one, which said what there was to say. */
public final class PassedStatus extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;

    public PassedStatus(int status) {
        super("exit status " + status, null, false, false);
        this.status = status;
    }

    public int status() {
        return status;
    }
}
