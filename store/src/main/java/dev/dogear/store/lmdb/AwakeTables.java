package dev.dogear.store.lmdb;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The tables of a process whose files are open: so many at most, as far as they are not in use all at once. Who needs
 * others sends those to rest that were not used for longest; they wake by themselves when asked, so nobody above notices.
 */
public final class AwakeTables {
    private final int most;
    private final Set<Tables> awake = new HashSet<>();

    public AwakeTables(int most) {
        this.most = most;
    }

    /** Those tables opened their files. Waits for none of the others. */
    synchronized void woke(Tables tables) {
        awake.add(tables);
        if (awake.size() <= most) {
            return;
        }
        List<Tables> oldestFirst = new ArrayList<>(awake);
        long now = System.nanoTime();
        oldestFirst.sort(Comparator.comparingLong((Tables each) -> now - each.usedNanos())
                .reversed());
        for (Tables each : oldestFirst) {
            if (awake.size() <= most) {
                return;
            }
            if (each != tables && each.rest()) {
                awake.remove(each);
            }
        }
    }

    /** Those tables are no more. */
    synchronized void closed(Tables tables) {
        awake.remove(tables);
    }
}
