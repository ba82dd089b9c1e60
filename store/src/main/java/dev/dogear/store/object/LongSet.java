package dev.dogear.store.object;

import java.util.Arrays;

/** Numbers from 0 up, 8 to 16 bytes each: what a set of millions can cost. For one thread. */
public final class LongSet {
    private static final long EMPTY = -1;
    private static final int FIRST_PLACES = 1024;

    private long[] places = empty(FIRST_PLACES);
    private int size;

    /** Puts a number in; answers whether it was not there. */
    public boolean add(long number) {
        if (number < 0) {
            throw new IllegalArgumentException("not a number of this set: " + number);
        }
        int place = place(number);
        if (places[place] == number) {
            return false;
        }
        places[place] = number;
        size++;
        if (size > places.length / 2) {
            grow();
        }
        return true;
    }

    public boolean contains(long number) {
        return places[place(number)] == number;
    }

    /** How many there are. */
    public int size() {
        return size;
    }

    private int place(long number) {
        long mixed = number * 0x9E3779B97F4A7C15L;
        int place = (int) (mixed >>> 33) & places.length - 1;
        while (places[place] != number && places[place] != EMPTY) {
            place = place + 1 & places.length - 1;
        }
        return place;
    }

    private void grow() {
        long[] old = places;
        places = empty(Math.multiplyExact(old.length, 2));
        for (long number : old) {
            if (number != EMPTY) {
                places[place(number)] = number;
            }
        }
    }

    private static long[] empty(int count) {
        long[] made = new long[count];
        Arrays.fill(made, EMPTY);
        return made;
    }
}
