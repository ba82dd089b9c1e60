package dev.dogear.mount.handover;

import java.util.Arrays;
import java.util.function.LongConsumer;

/** From numbers to numbers, neither of them 0, in a few bytes each. Not for several threads. */
final class LongMap {
    private static final int FIRST = 1 << 10;
    private static final long REMOVED = -1;

    private long[] keys = new long[FIRST];
    private long[] values = new long[FIRST];
    private int used;
    private int size;

    /** 0 if there is none. */
    long get(long key) {
        int at = find(key);
        return keys[at] == key && values[at] != REMOVED ? values[at] : 0;
    }

    void put(long key, long value) {
        int at = find(key);
        if (keys[at] == key) {
            size += values[at] == REMOVED ? 1 : 0;
            values[at] = value;
            return;
        }
        keys[at] = key;
        values[at] = value;
        used++;
        size++;
        if (used * 2 > keys.length) {
            grow();
        }
    }

    void remove(long key) {
        int at = find(key);
        if (keys[at] == key && values[at] != REMOVED) {
            values[at] = REMOVED;
            size--;
        }
    }

    int size() {
        return size;
    }

    void forEachKey(LongConsumer consumer) {
        for (int i = 0; i < keys.length; i++) {
            if (keys[i] != 0 && values[i] != REMOVED) {
                consumer.accept(keys[i]);
            }
        }
    }

    /** All values, the least first. */
    long[] sortedValues() {
        long[] all = new long[size];
        int count = 0;
        for (int i = 0; i < keys.length; i++) {
            if (keys[i] != 0 && values[i] != REMOVED) {
                all[count++] = values[i];
            }
        }
        Arrays.sort(all);
        return all;
    }

    private int find(long key) {
        long mixed = key * 0x9E37_79B9_7F4A_7C15L;
        int at = (int) (mixed >>> 33) & keys.length - 1;
        while (keys[at] != 0 && keys[at] != key) {
            at = at + 1 & keys.length - 1;
        }
        return at;
    }

    private void grow() {
        long[] oldKeys = keys;
        long[] oldValues = values;
        int length = size * 4 > oldKeys.length ? oldKeys.length * 2 : oldKeys.length;
        keys = new long[length];
        values = new long[length];
        used = 0;
        size = 0;
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != 0 && oldValues[i] != REMOVED) {
                put(oldKeys[i], oldValues[i]);
            }
        }
    }
}
