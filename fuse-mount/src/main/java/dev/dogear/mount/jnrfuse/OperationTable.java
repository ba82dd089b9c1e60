package dev.dogear.mount.jnrfuse;

import java.util.ArrayList;
import java.util.List;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import ru.serce.jnrfuse.struct.FuseOperations;

/** jnr-fuse's table of operations, whose fields take callbacks of any shape here. */
final class OperationTable extends FuseOperations {
    /** Bits: a path may be null, calls on open files need none, utimens takes UTIME_OMIT and UTIME_NOW. */
    private static final byte FLAGS = 1 | 1 << 1 | 1 << 2;

    /** libfuse has their addresses only: what the collector took would be called all the same. */
    private final List<Object> kept = new ArrayList<>();

    OperationTable() {
        super(Runtime.getSystemRuntime());
        address().putByte(flag_nullpath_ok.offset(), FLAGS);
    }

    <T> void set(AbstractMember field, Class<T> shape, T callback) {
        jnr.ffi.Pointer function =
                Runtime.getSystemRuntime().getClosureManager().getClosurePointer(shape, callback);
        kept.add(callback);
        kept.add(function);
        address().putPointer(field.offset(), function);
    }

    jnr.ffi.Pointer address() {
        return Struct.getMemory(this);
    }

    int size() {
        return Struct.size(this);
    }
}
