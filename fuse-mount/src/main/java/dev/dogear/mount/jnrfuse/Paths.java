package dev.dogear.mount.jnrfuse;

import dev.dogear.mount.vfs.Caller;
import dev.dogear.mount.vfs.Entry;
import dev.dogear.mount.vfs.FileSystemCalls;
import dev.dogear.store.workspace.PosixException;
import java.util.Arrays;
import jnr.ffi.Pointer;

/** From libfuse's paths to node ids, by walking; what was looked up on the way is forgotten again. */
final class Paths {
    private static final byte SLASH = '/';

    private final FileSystemCalls calls;
    private final HiddenFiles hidden;

    /** What is done with the node of a path, which is kept as long. */
    interface Use<T> {
        T on(long node) throws PosixException;
    }

    /** What is done with a name in a directory, which is kept as long. */
    interface NameUse<T> {
        T on(long directory, byte[] name) throws PosixException;
    }

    Paths(FileSystemCalls calls, HiddenFiles hidden) {
        this.calls = calls;
        this.hidden = hidden;
    }

    /** The bytes up to the NUL. */
    static byte[] bytes(Pointer text) {
        byte[] bytes = new byte[text.indexOf(0, (byte) 0)];
        text.get(0, bytes, 0, bytes.length);
        return bytes;
    }

    /** Uses what the path names. */
    <T> T at(Caller caller, byte[] path, Use<T> use) throws PosixException {
        Long unnamed = hidden.node(name(path));
        if (unnamed != null) {
            return use.on(unnamed);
        }
        long node = walk(caller, path, path.length);
        try {
            return use.on(node);
        } finally {
            calls.forget(node, 1);
        }
    }

    /** Uses the directory a path leads to and the last name of it. */
    <T> T above(Caller caller, byte[] path, NameUse<T> use) throws PosixException {
        byte[] name = name(path);
        long directory = walk(caller, path, path.length - name.length);
        try {
            return use.on(directory, name);
        } finally {
            calls.forget(directory, 1);
        }
    }

    /** Looked up, to be forgotten by the caller. */
    long take(Caller caller, byte[] path) throws PosixException {
        return walk(caller, path, path.length);
    }

    /** What follows the last slash; empty of the root. */
    static byte[] name(byte[] path) {
        int from = path.length;
        while (from > 0 && path[from - 1] != SLASH) {
            from--;
        }
        return Arrays.copyOfRange(path, from, path.length);
    }

    /** Whether both are names in the same directory. */
    static boolean areSiblings(byte[] path, byte[] other) {
        int length = path.length - name(path).length;
        return length == other.length - name(other).length && Arrays.equals(path, 0, length, other, 0, length);
    }

    private long walk(Caller caller, byte[] path, int end) throws PosixException {
        long node = FileSystemCalls.ROOT;
        int from = 1;
        while (from < end) {
            int to = from;
            while (to < end && path[to] != SLASH) {
                to++;
            }
            Entry next;
            try {
                next = calls.lookup(caller, node, Arrays.copyOfRange(path, from, to));
            } finally {
                calls.forget(node, 1);
            }
            node = next.node();
            from = to + 1;
        }
        return node;
    }
}
