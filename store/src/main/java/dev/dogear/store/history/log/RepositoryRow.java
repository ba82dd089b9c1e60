package dev.dogear.store.history.log;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.hash.HashCode;
import com.google.common.io.ByteArrayDataInput;
import com.google.common.io.ByteArrayDataOutput;
import com.google.common.io.ByteStreams;
import java.time.Instant;

/**
 * What the store knows of a repository without opening it.
 *
 * @param id 16 random bytes, in every checksum of its journal
 * @param tags what its owners wrote on it
 */
public record RepositoryRow(
        String name, byte[] id, Instant created, String defaultBookmark, ImmutableSortedMap<String, String> tags) {
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
        out.writeInt(tags.size());
        tags.forEach((key, value) -> {
            RowCodec.writeText(out, key);
            RowCodec.writeText(out, value);
        });
        return out.toByteArray();
    }

    public static RepositoryRow decode(String name, byte[] value) {
        ByteArrayDataInput in = ByteStreams.newDataInput(value);
        byte[] id = new byte[ID_BYTES];
        in.readFully(id);
        Instant created = Instant.ofEpochSecond(in.readLong(), in.readInt());
        String defaultBookmark = RowCodec.readText(in);
        ImmutableSortedMap.Builder<String, String> tags = ImmutableSortedMap.naturalOrder();
        // Rows from before there were tags end here.
        int plain = new RepositoryRow(name, id, created, defaultBookmark, ImmutableSortedMap.of()).encode().length;
        for (int i = value.length < plain ? 0 : in.readInt(); i > 0; i--) {
            tags.put(RowCodec.readText(in), RowCodec.readText(in));
        }
        return new RepositoryRow(name, id, created, defaultBookmark, tags.buildOrThrow());
    }
}
