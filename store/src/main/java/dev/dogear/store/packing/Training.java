package dev.dogear.store.packing;

import com.github.luben.zstd.ZstdDictTrainer;
import com.github.luben.zstd.ZstdException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes a dictionary of samples, and keeps it only if it is worth its place. One sample in five is left out of the training
 * and packed with and without it.
 */
public final class Training {
    /** Samples beyond these are not looked at: half a second's work. */
    public static final int SAMPLES_BYTES_MAX = 2 << 20;

    /** With fewer nothing can be learned. */
    public static final int SAMPLES_MIN = 100;

    private static final int TESTED_OF = 5;
    /** Samples should be so many times as long as the dictionary. */
    private static final int SAMPLES_TO_DICTIONARY = 16;

    /** What is packed has to become shorter by so many hundredths. */
    private static final int GAIN_PERCENT_MIN = 8;

    private Training() {}

    /**
     * A dictionary, or null if it would not pay.
     *
     * @param samples contents that are to be packed
     * @param before the dictionary there is, which the new one has to beat; null for none
     * @param objects how many such the repository has
     */
    public static @Nullable Dictionary train(
            List<byte[]> samples, @Nullable Dictionary before, int number, long objects) {
        List<byte[]> learned = new ArrayList<>();
        List<byte[]> tested = new ArrayList<>();
        int bytes = 0;
        for (int i = 0; i < samples.size() && bytes < SAMPLES_BYTES_MAX; i++) {
            (i % TESTED_OF == 0 ? tested : learned).add(samples.get(i));
            bytes += samples.get(i).length;
        }
        if (learned.size() < SAMPLES_MIN || number > Dictionary.NUMBER_MAX) {
            return null;
        }
        byte[] trained = bytes(learned, Math.min(Dictionary.BYTES_MAX, bytes / SAMPLES_TO_DICTIONARY));
        if (trained == null) {
            return null;
        }
        Dictionary dictionary = new Dictionary(number, objects, trained);
        long with = packed(tested, dictionary);
        long without = packed(tested, before);
        long saved = (without - with) * objects / tested.size();
        boolean pays = (without - with) * 100 >= without * GAIN_PERCENT_MIN && saved >= trained.length;
        return pays ? dictionary : null;
    }

    private static byte @Nullable [] bytes(List<byte[]> samples, int length) {
        int all = samples.stream().mapToInt(sample -> sample.length).sum();
        ZstdDictTrainer trainer = new ZstdDictTrainer(all, length);
        samples.forEach(trainer::addSample);
        try {
            return trainer.trainSamples();
        } catch (ZstdException e) {
            return null; // they have nothing in common
        }
    }

    private static long packed(List<byte[]> contents, @Nullable Dictionary dictionary) {
        long bytes = 0;
        try (Packer packer = new Packer(dictionary)) {
            for (byte[] content : contents) {
                bytes += Math.min(content.length, packer.pack(content).length);
            }
        }
        return bytes;
    }
}
