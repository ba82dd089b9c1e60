package dev.dogear.store.tree.merge;

import dev.dogear.store.tree.conflict.Conflict;
import dev.dogear.store.tree.conflict.Conflict.Version;
import java.util.ArrayList;
import java.util.List;

/**
 * The states a path is made of when its answer is open: sides, and one base less than sides. A state by itself has no base.
 * Adding and taking away such sums and cancelling what is in both makes conflicts of conflicts flat.
 */
record Terms(List<Version> bases, List<Version> sides) {
    static Terms of(Version version) {
        return new Terms(List.of(), List.of(version));
    }

    static Terms of(Version base, Version ours, Version theirs) {
        return new Terms(List.of(base), List.of(ours, theirs));
    }

    static Terms of(Conflict conflict) {
        return new Terms(conflict.bases(), conflict.sides());
    }

    /** What ours and theirs made of base, with what cancels left out. */
    static Terms merge(Terms base, Terms ours, Terms theirs) {
        List<Version> sides = new ArrayList<>(ours.sides);
        sides.addAll(base.bases);
        sides.addAll(theirs.sides);
        List<Version> bases = new ArrayList<>(ours.bases);
        bases.addAll(base.sides);
        bases.addAll(theirs.bases);
        cancel(bases, sides);
        dropRepeated(bases, sides);
        return new Terms(bases, sides);
    }

    private static void cancel(List<Version> bases, List<Version> sides) {
        for (int i = 0; i < bases.size(); i++) {
            int same = indexOf(sides, bases.get(i), 0);
            if (same >= 0 && sides.size() > 1) {
                bases.remove(i--);
                sides.remove(same);
            }
        }
    }

    /** The same edit twice is that edit once: of two equal sides one goes, with a base. */
    private static void dropRepeated(List<Version> bases, List<Version> sides) {
        for (int i = 0; i < sides.size() && !bases.isEmpty(); i++) {
            int same = indexOf(sides, sides.get(i), i + 1);
            int base = repeatedBase(bases);
            if (same >= 0 && (base >= 0 || bases.size() == 1)) {
                sides.remove(same);
                bases.remove(Math.max(base, 0));
                i--;
            }
        }
    }

    private static int repeatedBase(List<Version> bases) {
        for (int i = 0; i < bases.size(); i++) {
            if (indexOf(bases, bases.get(i), i + 1) >= 0) {
                return i;
            }
        }
        return -1;
    }

    private static int indexOf(List<Version> versions, Version wanted, int from) {
        for (int i = from; i < versions.size(); i++) {
            if (versions.get(i).sameState(wanted)) {
                return i;
            }
        }
        return -1;
    }

    boolean isOneState() {
        return sides.size() == 1;
    }

    boolean isOfTwoSides() {
        return sides.size() == 2;
    }
}
