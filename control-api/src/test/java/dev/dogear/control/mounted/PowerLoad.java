package dev.dogear.control.mounted;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Programs that write until the power goes, and what each was promised. One thread a program; {@link #compare} only when
 * none runs.
 */
final class PowerLoad {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long SAFE_AFTER_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final int APPEND_BYTES_MAX = 20_000;
    private static final int LOG_BYTES_MAX = 4 << 20;
    private static final int LOOSE_PAUSE_MS = 20;
    private static final String BOOKMARKS = "/v1/local/power/bookmarks";

    private final RunningDogear dogear;
    private final List<Program> programs;
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger flushesLeft = new AtomicInteger();
    private volatile Cut cut = () -> {};
    private volatile boolean powerIsOn;
    private volatile long cutNanos;

    /** Ends the power. */
    interface Cut {
        void now() throws IOException;
    }

    PowerLoad(RunningDogear dogear, SplittableRandom random) throws IOException {
        this.dogear = dogear;
        dogear.cli("repo", "create", "power");
        dogear.cli("bookmark", "create", "power", "verbs", "--from", "main");
        Path main = dogear.mount().resolve("power/main");
        programs = List.of(
                new Appender(main.resolve("log1"), random.split()),
                new Appender(main.resolve("log2"), random.split()),
                new Replacer(main.resolve("replaced"), random.split()),
                new Loose(Files.createDirectory(main.resolve("loose"))),
                new Verbs(dogear.mount().resolve("power/verbs/state"), random.split()));
    }

    /** Lets them run, from the disk's present state; the one whose flush is the last of {@code flushes} cuts. */
    List<Thread> start(int flushes, Cut atFlush) {
        powerIsOn = true;
        cut = atFlush;
        flushesLeft.set(flushes);
        List<Thread> threads = new ArrayList<>();
        for (Program program : programs) {
            Thread thread = new Thread(() -> run(program), program.getClass().getSimpleName());
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
        return threads;
    }

    /** What is acknowledged from now on may have been before the cut or not; errors are expected. */
    void powerGoes() {
        cutNanos = System.nanoTime();
        powerIsOn = false;
    }

    void requireNoFailure() {
        if (!failures.isEmpty()) {
            throw new AssertionError("a program failed before the cut: " + failures.peek(), failures.peek());
        }
    }

    /**
     * What is not as promised.
     *
     * @param all whether to look at everything there ever was, or only at what was not there after two cuts yet
     */
    List<String> compare(boolean all) throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Program program : programs) {
            program.compare(wrong, all);
        }
        return wrong;
    }

    String acknowledged() {
        StringBuilder text = new StringBuilder();
        programs.forEach(program -> text.append(program).append("; "));
        return text.toString();
    }

    private void run(Program program) {
        try {
            while (true) {
                program.step();
            }
        } catch (IOException | RuntimeException e) {
            if (powerIsOn) {
                failures.add(e);
            }
        }
    }

    /** After a flush that a program was answered. */
    private void flushed() throws IOException {
        if (flushesLeft.decrementAndGet() == 0) {
            cut.now();
        }
    }

    /** One of them. */
    private interface Program {
        void step() throws IOException;

        /** Takes what it finds for the state to go on from. */
        void compare(List<String> wrong, boolean all) throws IOException;
    }

    /** Where in a growing list that begins which was not looked at after two cuts yet. */
    private static final class Recent {
        private int once;
        private int twice;

        int from(boolean all, int size) {
            int from = all ? 0 : twice;
            twice = once;
            once = size;
            return from;
        }
    }

    /** A log: each record is appended and synced. */
    private final class Appender implements Program {
        private final Path path;
        private final SplittableRandom random;
        private long synced;
        private long written;
        private long before;

        Appender(Path path, SplittableRandom random) {
            this.path = path;
            this.random = random;
        }

        @Override
        public void step() throws IOException {
            try (FileChannel channel = FileChannel.open(
                    path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ)) {
                long at = written;
                byte[] record = bytes(at, 1 + random.nextInt(APPEND_BYTES_MAX));
                written = at + record.length;
                ByteBuffer rest = ByteBuffer.wrap(record);
                while (rest.hasRemaining()) {
                    channel.write(rest, at + rest.position());
                }
                channel.force(random.nextBoolean());
                synced = written;
                flushed();
            }
        }

        /** Byte {@code i} of a log is a function of i. */
        private static byte[] bytes(long from, int count) {
            byte[] bytes = new byte[count];
            for (int i = 0; i < count; i++) {
                long at = from + i;
                bytes[i] = (byte) (at * 31 ^ at >>> 9);
            }
            return bytes;
        }

        @Override
        public void compare(List<String> wrong, boolean all) throws IOException {
            byte[] found = Files.exists(path) ? Files.readAllBytes(path) : new byte[0];
            if (found.length < synced || found.length > written) {
                wrong.add(path + " has " + found.length + " bytes; synced " + synced + ", written " + written);
            }
            int at = Arrays.mismatch(found, bytes(0, found.length));
            if (at >= 0 && at < synced) {
                wrong.add(path + " differs at " + at + " of " + synced + " synced bytes");
            }
            // What was never synced may be a hole; it is written anew. A long log begins anew.
            before += found.length > LOG_BYTES_MAX ? synced : 0;
            synced = found.length > LOG_BYTES_MAX ? 0 : Math.min(synced, found.length);
            written = synced;
            if (!wrong.isEmpty()) {
                return;
            }
            if (Files.exists(path)) {
                try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
                    channel.truncate(synced);
                    channel.force(true);
                }
            }
        }

        @Override
        public String toString() {
            return "appended " + (before + synced) + " bytes";
        }
    }

    /** The way editors save: a new file is written, synced and renamed over the old one. */
    private final class Replacer implements Program {
        private final Path path;
        private final SplittableRandom random;
        private int safe;
        private int begun;

        Replacer(Path path, SplittableRandom random) {
            this.path = path;
            this.random = random;
        }

        @Override
        public void step() throws IOException {
            int version = begun + 1;
            Path fresh = path.resolveSibling("replaced.new");
            try (FileChannel channel = FileChannel.open(
                    fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.wrap(content(version)));
                channel.force(false);
            }
            begun = version;
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
            if (random.nextBoolean()) {
                try (FileChannel directory = FileChannel.open(path.getParent(), StandardOpenOption.READ)) {
                    directory.force(true);
                }
                safe = version;
                flushed();
            }
        }

        private static byte[] content(int version) {
            return ("version " + version + "\n").repeat(1 + version % 997).getBytes(UTF_8);
        }

        @Override
        public void compare(List<String> wrong, boolean all) throws IOException {
            int found = 0;
            if (Files.exists(path)) {
                byte[] content = Files.readAllBytes(path);
                String first = new String(content, UTF_8).lines().findFirst().orElse("version -1");
                found = Integer.parseInt(first.substring("version ".length()));
                if (!Arrays.equals(content, content(found))) {
                    wrong.add(path + " is half of version " + found + ": " + content.length + " bytes");
                }
            }
            if (found < safe || found > begun) {
                wrong.add(path + " is version " + found + "; synced " + safe + ", begun " + begun);
            }
            safe = found;
            begun = found;
        }

        @Override
        public String toString() {
            return safe + " replacements";
        }
    }

    /** Writes and closes files and never syncs. */
    private final class Loose implements Program {
        private final Path directory;
        private final Map<Integer, Long> closed = new LinkedHashMap<>();
        /** Those that were there after a cut. */
        private final List<Integer> seen = new ArrayList<>();

        private final Recent recent = new Recent();
        private int next;

        Loose(Path directory) {
            this.directory = directory;
        }

        @Override
        public void step() throws IOException {
            int number = next++;
            Files.writeString(directory.resolve("f" + number), "loose " + number);
            closed.put(number, System.nanoTime());
            try {
                TimeUnit.MILLISECONDS.sleep(LOOSE_PAUSE_MS);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        @Override
        public void compare(List<String> wrong, boolean all) throws IOException {
            for (int number : seen.subList(recent.from(all, seen.size()), seen.size())) {
                if (!isWhole(number)) {
                    wrong.add("f" + number + " is lost, which was there after an earlier cut");
                }
            }
            for (Map.Entry<Integer, Long> file : closed.entrySet()) {
                long age = cutNanos - file.getValue();
                if (isWhole(file.getKey())) {
                    seen.add(file.getKey());
                } else if (age >= SAFE_AFTER_NANOS) {
                    long ms = TimeUnit.NANOSECONDS.toMillis(age);
                    wrong.add("f" + file.getKey() + " is lost, closed " + ms + " ms before the cut");
                }
            }
            closed.clear();
        }

        private boolean isWhole(int number) throws IOException {
            Path path = directory.resolve("f" + number);
            return Files.exists(path) && Files.readString(path).equals("loose " + number);
        }

        @Override
        public String toString() {
            return seen.size() + " loose files";
        }
    }

    /** Checkpoints, undoes and redoes a file of its own; what was answered stays. */
    private final class Verbs implements Program {
        private final Path state;
        private final SplittableRandom random;
        private final List<String> changes = new ArrayList<>();
        private final Recent recent = new Recent();
        /** The content after each checkpoint that is still ahead of the bookmark or below it. */
        private final List<String> history = new ArrayList<>(List.of(""));

        private int position;
        private int number;
        /** What the file may hold. */
        private Set<String> possible = Set.of("");

        Verbs(Path state, SplittableRandom random) {
            this.state = state;
            this.random = random;
        }

        @Override
        public void step() throws IOException {
            int choice = random.nextInt(6);
            if (choice == 0 && position > 0) {
                move("undo", position - 1);
            } else if (choice == 1 && position + 1 < history.size()) {
                move("redo", position + 1);
            } else {
                checkpoint();
            }
            flushed();
        }

        private void move(String verb, int to) throws IOException {
            possible = new LinkedHashSet<>(List.of(history.get(position), history.get(to)));
            ask(verb, Map.of());
            position = to;
            possible = Set.of(history.get(position));
        }

        private void checkpoint() throws IOException {
            String before = history.get(position);
            String after = "state " + ++number;
            possible = new LinkedHashSet<>(List.of(before, after, ""));
            Files.writeString(state, after);
            JsonNode answer = ask("checkpoint", Map.of("message", after));
            changes.add(answer.get("change").get("id").asText());
            history.subList(position + 1, history.size()).clear();
            history.add(after);
            position++;
            possible = Set.of(after);
        }

        private JsonNode ask(String verb, Map<String, String> body) throws IOException {
            UnixHttp.Answer answer =
                    UnixHttp.send(dogear.socket(), "POST", BOOKMARKS + "/verbs/" + verb, JSON.writeValueAsBytes(body));
            if (answer.status() >= 400) {
                throw new IOException(verb + ": " + new String(answer.body(), UTF_8));
            }
            return JSON.readTree(answer.body());
        }

        @Override
        public void compare(List<String> wrong, boolean all) throws IOException {
            String found = content();
            if (!possible.contains(found)) {
                wrong.add(state + " holds '" + found + "', not one of " + possible);
            }
            for (String change : changes.subList(recent.from(all, changes.size()), changes.size())) {
                JsonNode answer = dogear.call("GET", "/v1/local/power/changes/" + change, null);
                if (!answer.get("id").asText().equals(change)) {
                    wrong.add("change " + change + " is lost");
                }
            }
            // Begin a line of its own from here, whatever the pending verb came to.
            String anchor = "anchor " + ++number;
            Files.writeString(state, anchor);
            ask("checkpoint", Map.of("message", anchor));
            history.clear();
            history.add(anchor);
            position = 0;
            possible = Set.of(anchor);
        }

        private @Nullable String content() throws IOException {
            try {
                return Files.readString(state);
            } catch (NoSuchFileException e) {
                return "";
            }
        }

        @Override
        public String toString() {
            return changes.size() + " checkpoints";
        }
    }
}
