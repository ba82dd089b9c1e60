package dev.dogear.mount.commands;

import dev.dogear.store.change.ChangeId;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** One open file of {@code .dogear/}: what is read of it stays as it was when it was opened. */
final class Opened {
    private final byte[] content;
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private @Nullable ChangeId made;
    private boolean done;

    Opened(byte[] content) {
        this.content = content;
    }

    int read(long offset, ByteBuffer target) {
        int length = (int) Math.max(0, Math.min(target.remaining(), content.length - offset));
        target.put(content, (int) Math.min(offset, content.length), length);
        return length;
    }

    /** All that was written so far, with this. Where it is written to does not matter: who appends thinks it is elsewhere. */
    synchronized byte[] add(byte[] bytes) {
        written.writeBytes(bytes);
        return written.toByteArray();
    }

    /** Whether a command that takes one write was given and carried out. */
    synchronized boolean isDone() {
        return done;
    }

    /** A command was carried out. */
    synchronized void setDone() {
        done = true;
    }

    /** A command was refused: the next write is another one. */
    synchronized void drop() {
        written.reset();
    }

    /** The change that a first write made, whose message the next ones go on with. */
    synchronized @Nullable ChangeId made() {
        return made;
    }

    synchronized void setMade(ChangeId change) {
        made = change;
    }
}
