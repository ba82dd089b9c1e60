package dev.dogear.store.lmdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dogear.store.journal.Flusher;
import dev.dogear.store.object.ObjectKind;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * Writes as fast as it can and says what was acknowledged, until somebody kills it. Number n is an object, an edit and a
 * row that names them, in this order; the line n on standard output comes after the publish returned.
 */
final class KilledWriter {
    static final byte[] REPOSITORY = "0123456789abcdef".getBytes(UTF_8);
    static final byte[] COUNT = "count".getBytes(UTF_8);

    private KilledWriter() {}

    public static void main(String[] arguments) {
        Flusher flusher = new Flusher();
        Tables tables = Tables.open(Path.of(arguments[0]), REPOSITORY, flusher);
        tables.keepFrom(() -> Long.MAX_VALUE);
        byte[] count = tables.get(Table.META, COUNT);
        PrintStream out = new PrintStream(System.out, true, UTF_8);
        for (int n = count == null ? 0 : number(count) + 1; ; n++) {
            write(tables, n);
            out.println(n);
        }
    }

    private static void write(Tables tables, int n) {
        tables.objects().write(ObjectKind.CHUNK, object(n));
        tables.journal().append(Tables.FIRST_FOREIGN_KIND, ByteBuffer.wrap(bytes(n)));
        var published = tables.publish(
                List.of(new Row(Table.META, COUNT, bytes(n)), new Row(Table.OPERATIONS, bytes(n), bytes(n))));
        if (n % 50 == 0) {
            published.join();
        }
        if (n % 400 == 0) {
            tables.fold(Long.MAX_VALUE);
        }
    }

    /** The object of that number. */
    static ByteBuffer object(int n) {
        Random random = new Random(n);
        byte[] content = new byte[Integer.BYTES + random.nextInt(20_000)];
        random.nextBytes(content);
        return ByteBuffer.wrap(content).putInt(0, n);
    }

    static byte[] bytes(int n) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(n).array();
    }

    static int number(byte[] bytes) {
        return ByteBuffer.wrap(bytes).getInt();
    }
}
