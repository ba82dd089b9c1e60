package dev.dogear.store.tree;

import dev.dogear.store.object.Output;
import dev.dogear.store.object.Varint;
import java.nio.ByteBuffer;

/** Directories: names to entries. Inner nodes repeat the name's hash, which is what they are searched by. */
final class NameLayout implements ProllyLayout<Name, TreeEntry> {
    static final NameLayout INSTANCE = new NameLayout();

    private static final int VERSION = 0x10;

    private NameLayout() {}

    @Override
    public int version() {
        return VERSION;
    }

    @Override
    public int compare(Name left, Name right) {
        return left.compareTo(right);
    }

    @Override
    public long boundaryBits(Name key) {
        return ProllyLayout.mix(key.hash());
    }

    @Override
    public void writeKey(Output out, Name key, boolean inner) {
        if (inner) {
            out.i64(key.hash());
        }
        out.counted(key.bytes());
    }

    @Override
    public Name readKey(ByteBuffer in, boolean inner) {
        if (inner) {
            long hash = in.getLong();
            return Name.stored(Varint.readBytes(in), hash);
        }
        return Name.of(Varint.readBytes(in));
    }

    @Override
    public void writeValue(Output out, TreeEntry value) {
        EntryCodec.write(out, value);
    }

    @Override
    public TreeEntry readValue(ByteBuffer in) {
        return EntryCodec.read(in);
    }
}
