package dev.dogear.control.cli.line;

/** What the command's exit status says. Scripts rely on the numbers: never change one. */
public enum ExitCode {
    OK(0, "done"),
    FAILED(1, "failed; the message says why"),
    USAGE(2, "wrong arguments or names"),
    NOT_FOUND(3, "no such repository, bookmark, change, path or volume"),
    CONFLICT(4, "merge conflict, name taken, or the state is not the expected one"),
    NO_DAEMON(5, "no daemon answers; start it with: dogear up");

    private final int number;
    private final String meaning;

    ExitCode(int number, String meaning) {
        this.number = number;
        this.meaning = meaning;
    }

    public int number() {
        return number;
    }

    public String meaning() {
        return meaning;
    }
}
