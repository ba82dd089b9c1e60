package dev.dogear.store.history.log;

import com.google.common.collect.ImmutableList;
import com.google.common.io.ByteArrayDataInput;
import com.google.common.io.ByteArrayDataOutput;
import com.google.common.io.ByteStreams;
import com.google.common.primitives.Bytes;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.Operation;
import dev.dogear.store.change.Person;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Roots;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of changes, bookmarks and operations. Big-endian; a text is its UTF-8 length (u32) and bytes; a moment is
 * seconds (i64) and nanoseconds (u32); something optional is a byte 0, or 1 and the thing. {@code store/README.md} has
 * the layouts.
 */
public final class RowCodec {
    private static final byte CHANGE_VERSION = 1;

    private RowCodec() {}

    /** The object that holds a change; its id is the commit, so that is not among the bytes. */
    static byte[] encodeChange(Change change) {
        ByteArrayDataOutput out = ByteStreams.newDataOutput();
        out.writeByte(CHANGE_VERSION);
        out.write(change.id().toBytes());
        out.writeInt(change.generation());
        out.writeInt(change.parents().size());
        change.parents().forEach(parent -> out.write(parent.toBytes()));
        writeRoot(out, change.root());
        out.writeInt(change.authors().size());
        change.authors().forEach(author -> writePerson(out, author));
        writePerson(out, change.committer());
        writeText(out, change.message());
        writeInstant(out, change.created());
        return out.toByteArray();
    }

    static Change decodeChange(ObjectId commit, ByteBuffer content) {
        byte[] bytes = new byte[content.remaining()];
        content.duplicate().get(bytes);
        ByteArrayDataInput in = ByteStreams.newDataInput(bytes);
        if (in.readByte() != CHANGE_VERSION) {
            throw new IllegalStateException("a change of an unknown version");
        }
        ChangeId id = readChangeId(in);
        int generation = in.readInt();
        ImmutableList.Builder<ObjectId> parents = ImmutableList.builder();
        for (int i = in.readInt(); i > 0; i--) {
            parents.add(readObjectId(in));
        }
        Root root = readRoot(in);
        ImmutableList.Builder<Person> authors = ImmutableList.builder();
        for (int i = in.readInt(); i > 0; i--) {
            authors.add(readPerson(in));
        }
        Person committer = readPerson(in);
        String message = readText(in);
        Instant created = readInstant(in);
        return new Change(id, commit, parents.build(), root, authors.build(), committer, message, created, generation);
    }

    static byte[] encodeBookmark(BookmarkState state) {
        ByteArrayDataOutput out = ByteStreams.newDataOutput();
        writeState(out, state);
        return out.toByteArray();
    }

    static BookmarkState decodeBookmark(byte[] value) {
        return readState(ByteStreams.newDataInput(value));
    }

    /** The row of a bookmark with another state, and what follows the state. */
    static byte[] bookmark(byte[] value, UnaryOperator<BookmarkState> change) {
        BookmarkState old = decodeBookmark(value);
        int length = encodeBookmark(old).length;
        return Bytes.concat(encodeBookmark(change.apply(old)), Arrays.copyOfRange(value, length, value.length));
    }

    static byte[] encodeOperation(LoggedOperation operation) {
        ByteArrayDataOutput out = ByteStreams.newDataOutput();
        out.writeByte(operation.kind().code());
        writeText(out, operation.by());
        writeInstant(out, operation.at());
        out.writeLong(operation.reverts());
        ChangeId saved = operation.saved();
        out.writeBoolean(saved != null);
        if (saved != null) {
            out.write(saved.toBytes());
        }
        out.writeInt(operation.steps().size());
        for (LoggedOperation.Step step : operation.steps()) {
            writeText(out, step.bookmark());
            writeOptionalState(out, step.before());
            writeOptionalState(out, step.after());
        }
        writeAmended(out, operation);
        return out.toByteArray();
    }

    /** Only where there are any, so that all other operations have the bytes they always had; likewise the proposal. */
    private static void writeAmended(ByteArrayDataOutput out, LoggedOperation operation) {
        List<LoggedOperation.Amended> amended = operation.amended();
        if (!amended.isEmpty() || operation.proposal() != 0) {
            out.writeInt(amended.size());
            for (LoggedOperation.Amended each : amended) {
                out.write(each.change().toBytes());
                out.write(each.before().toBytes());
                out.write(each.after().toBytes());
            }
        }
        if (operation.proposal() != 0) {
            out.writeLong(operation.proposal());
        }
    }

    private static ImmutableList<LoggedOperation.Amended> readAmended(ByteArrayDataInput in, int count) {
        ImmutableList.Builder<LoggedOperation.Amended> amended = ImmutableList.builder();
        for (int i = 0; i < count; i++) {
            amended.add(new LoggedOperation.Amended(readChangeId(in), readObjectId(in), readObjectId(in)));
        }
        return amended.build();
    }

    static LoggedOperation decodeOperation(long number, byte[] value) {
        ByteArrayInputStream bytes = new ByteArrayInputStream(value);
        ByteArrayDataInput in = ByteStreams.newDataInput(bytes);
        Operation.Kind kind = Operation.Kind.ofCode(in.readByte());
        String by = readText(in);
        Instant at = readInstant(in);
        long reverts = in.readLong();
        ChangeId saved = in.readBoolean() ? readChangeId(in) : null;
        ImmutableList.Builder<LoggedOperation.Step> steps = ImmutableList.builder();
        for (int i = in.readInt(); i > 0; i--) {
            steps.add(new LoggedOperation.Step(readText(in), readOptionalState(in), readOptionalState(in)));
        }
        int count = bytes.available() == 0 ? 0 : in.readInt();
        ImmutableList<LoggedOperation.Amended> amended = readAmended(in, count);
        long proposal = bytes.available() == 0 ? 0 : in.readLong();
        return new LoggedOperation(number, kind, by, at, reverts, saved, steps.build(), amended, proposal);
    }

    private static void writeOptionalState(ByteArrayDataOutput out, @Nullable BookmarkState state) {
        out.writeBoolean(state != null);
        if (state != null) {
            writeState(out, state);
        }
    }

    private static @Nullable BookmarkState readOptionalState(ByteArrayDataInput in) {
        return in.readBoolean() ? readState(in) : null;
    }

    private static void writeState(ByteArrayDataOutput out, BookmarkState state) {
        out.writeInt(state.number());
        out.write(state.change().toBytes());
        out.write(state.commit().toBytes());
        writeRoot(out, state.root());
        out.writeLong(state.position());
        out.writeLong(state.redo());
        writeInstant(out, state.created());
        writeInstant(out, state.updated());
    }

    private static BookmarkState readState(ByteArrayDataInput in) {
        return new BookmarkState(
                in.readInt(),
                readChangeId(in),
                readObjectId(in),
                readRoot(in),
                in.readLong(),
                in.readLong(),
                readInstant(in),
                readInstant(in));
    }

    private static void writeRoot(ByteArrayDataOutput out, Root root) {
        byte[] bytes = Roots.encode(root);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static Root readRoot(ByteArrayDataInput in) {
        return Roots.read(ByteBuffer.wrap(readBytes(in, in.readInt())));
    }

    private static void writePerson(ByteArrayDataOutput out, Person person) {
        writeText(out, person.name());
        writeText(out, person.email());
    }

    private static Person readPerson(ByteArrayDataInput in) {
        return new Person(readText(in), readText(in));
    }

    public static void writeInstant(ByteArrayDataOutput out, Instant instant) {
        out.writeLong(instant.getEpochSecond());
        out.writeInt(instant.getNano());
    }

    public static Instant readInstant(ByteArrayDataInput in) {
        return Instant.ofEpochSecond(in.readLong(), in.readInt());
    }

    public static void writeText(ByteArrayDataOutput out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    public static String readText(ByteArrayDataInput in) {
        return new String(readBytes(in, in.readInt()), StandardCharsets.UTF_8);
    }

    public static ChangeId readChangeId(ByteArrayDataInput in) {
        return ChangeId.of(readBytes(in, ChangeId.BYTES));
    }

    public static ObjectId readObjectId(ByteArrayDataInput in) {
        return ObjectId.read(ByteBuffer.wrap(readBytes(in, ObjectId.BYTES)));
    }

    private static byte[] readBytes(ByteArrayDataInput in, int length) {
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }
}
