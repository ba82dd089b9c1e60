package dev.dogear.store.exchange;

/** Told now and then how far long work has come. */
@FunctionalInterface
public interface Progress {
    /**
     * How much is done so far.
     *
     * @param files files written or read
     * @param bytes their content
     */
    void at(long files, long bytes);
}
