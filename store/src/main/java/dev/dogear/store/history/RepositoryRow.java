package dev.dogear.store.history;

import com.google.common.hash.HashCode;
import com.google.common.io.ByteArrayDataInput;
import com.google.common.io.ByteArrayDataOutput;
import com.google.common.io.ByteStreams;
import java.time.Instant;

/**
 * What the store knows of a repository without opening it.
 *
 * @param id 16 random bytes, in every checksum of its journal
 */
record RepositoryRow(String name, byte[] id, Instant created, String defaultBookmark) {
    static final int ID_BYTES = 16;

    String idHex() {
        return HashCode.fromBytes(id).toString();
    }

    byte[] encode() {
        ByteArrayDataOutput out = ByteStreams.newDataOutput();
        out.write(id);
        out.writeLong(created.getEpochSecond());
        out.writeInt(created.getNano());
        RowCodec.writeText(out, defaultBookmark);
        return out.toByteArray();
    }

    static RepositoryRow decode(String name, byte[] value) {
        ByteArrayDataInput in = ByteStreams.newDataInput(value);
        byte[] id = new byte[ID_BYTES];
        in.readFully(id);
        Instant created = Instant.ofEpochSecond(in.readLong(), in.readInt());
        return new RepositoryRow(name, id, created, RowCodec.readText(in));
    }
}
