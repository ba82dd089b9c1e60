package dev.dogear.store.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.workspace.Errno;
import dev.dogear.store.workspace.PosixException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A name more is refused exactly when a bookmark shows as many as it may, whatever was done to it before. */
final class FilesLimitTest {
    private static final int ROUNDS = Integer.getInteger("dogear.rounds", 2);
    private static final int STEPS = 300;
    private static final int MOST = 12;

    @TempDir
    Path folder;

    private final long seed = Long.getLong("dogear.seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);
    private String where = "";

    @Test
    void isKnownWhateverWasDone() throws PosixException {
        System.out.println("FilesLimitTest: dogear.seed=" + seed + " dogear.rounds=" + ROUNDS);
        for (int round = 0; round < ROUNDS; round++) {
            Path data = folder.resolve("data" + round);
            LiveStore live = new LiveStore(data);
            live.repository().configure(Map.of("files", Integer.toString(MOST)));
            for (int step = 0; step < STEPS; step++) {
                where = "seed " + seed + " round " + round + " step " + step;
                if (random.nextInt(40) == 0) {
                    live.close();
                    live = LiveStore.reopen(data);
                } else {
                    step(live, step);
                }
            }
            live.close();
        }
    }

    private void step(LiveStore live, int step) throws PosixException {
        LiveFiles files = live.files("main");
        List<String> names = new ArrayList<>(files.all().keySet());
        List<String> directories = new ArrayList<>(List.of(""));
        names.stream().filter(name -> name.endsWith("/")).forEach(directories::add);
        String made = directories.get(random.nextInt(directories.size())) + "n" + step;
        switch (random.nextInt(10)) {
            case 0, 1, 2 -> makes(names.size(), () -> files.write(made, "x"));
            case 3 -> makes(names.size(), () -> files.mkdir(made));
            case 4 -> {
                String file = any(names, false);
                if (file != null) {
                    makes(names.size(), () -> files.link(file, made));
                }
            }
            case 5 -> {
                String file = any(names, false);
                if (file != null) {
                    files.delete(file);
                }
            }
            case 6 -> {
                String file = any(names, false);
                String other = any(names, false);
                if (file != null && other != null) {
                    files.rename(file, random.nextBoolean() ? other : made);
                }
            }
            case 7 -> live.checkpoint("main", "step " + step);
            case 8 -> quietly(() -> live.repository().undo("main", random.nextInt(3), LiveStore.BY));
            default -> quietly(() -> live.repository().redo("main", LiveStore.BY));
        }
    }

    private @Nullable String any(List<String> names, boolean directory) {
        List<String> fitting =
                names.stream().filter(name -> name.endsWith("/") == directory).toList();
        return fitting.isEmpty() ? null : fitting.get(random.nextInt(fitting.size()));
    }

    private interface Edit {
        void run() throws PosixException;
    }

    private void makes(int shown, Edit edit) throws PosixException {
        if (shown < MOST) {
            edit.run();
        } else {
            PosixException refused = assertThrows(PosixException.class, edit::run, where);
            assertEquals(Errno.EDQUOT, refused.errno(), where);
        }
    }

    /** There may be nothing to undo or redo. */
    private void quietly(Runnable verb) {
        try {
            verb.run();
        } catch (StoreException e) {
            assertEquals(Kind.STALE, e.kind(), where);
        }
    }
}
