package dev.dogear.control.cli.doctor;

/**
 * What was found about one thing.
 *
 * @param about what it is about, a word
 * @param text what was found
 * @param mend what to do about it; empty if nothing is wrong
 */
public record Finding(String about, Weight weight, String text, String mend) {
    /** How much it matters. */
    public enum Weight {
        /** Nothing is wrong. */
        FINE,
        /** Dogear runs, but not as well as it could. */
        WARNING,
        /** Dogear will not run, or not for long. */
        FAULT
    }

    static Finding fine(String about, String text) {
        return new Finding(about, Weight.FINE, text, "");
    }

    static Finding warning(String about, String text, String mend) {
        return new Finding(about, Weight.WARNING, text, mend);
    }

    static Finding fault(String about, String text, String mend) {
        return new Finding(about, Weight.FAULT, text, mend);
    }
}
