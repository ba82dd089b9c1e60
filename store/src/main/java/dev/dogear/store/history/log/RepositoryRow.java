package dev.dogear.store.history.log;

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
public record RepositoryRow(String name, byte[] id, Instant created, String defaultBookmark) {
    public static final int ID_BYTES = 16;

    public String idHex() {
        return HashCode.fromBytes(id).toString();
    }

    public byte[] encode() {
        ByteArrayDataOutput out = ByteStreams.newDataOutput();
        out.write(id);
        out.writeLong(created.getEpochSecond());
        out.writeInt(created.getNano());
        RowCodec.writeText(out, defaultBookmark);
        return out.toByteArray();
    }

    public static RepositoryRow decode(String name, byte[] value) {
        ByteArrayDataInput in = ByteStreams.newDataInput(value);
        byte[] id = new byte[ID_BYTES];
        in.readFully(id);
        Instant created = Instant.ofEpochSecond(in.readLong(), in.readInt());
        return new RepositoryRow(name, id, created, RowCodec.readText(in));
    }
}
