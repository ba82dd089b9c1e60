package dev.dogear.store.measure;

/**
 * What a store measures of itself.
 *
 * @param checkpoint from call to answer
 * @param merge the same
 * @param undo the same, of redo too
 * @param publish from the record in the journal until it is durable
 * @param fsync one flush of one journal, for whoever waits for it
 */
public record Measures(Latency checkpoint, Latency merge, Latency undo, Latency publish, Latency fsync) {
    public Measures() {
        this(new Latency(), new Latency(), new Latency(), new Latency(), new Latency());
    }
}
