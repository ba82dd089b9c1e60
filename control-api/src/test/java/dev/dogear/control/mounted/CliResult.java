package dev.dogear.control.mounted;

/** What a command said and how it ended. */
record CliResult(int exit, String out, String err) {
    String describe() {
        return "exit " + exit + "\n" + out + err;
    }
}
