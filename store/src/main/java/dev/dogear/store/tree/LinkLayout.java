package dev.dogear.store.tree;

import dev.dogear.store.object.Output;
import dev.dogear.store.object.Varint;
import java.nio.ByteBuffer;

/** The table of files with several names: file ids (unsigned) to records. */
final class LinkLayout implements ProllyLayout<Integer, LinkedFile> {
    static final LinkLayout INSTANCE = new LinkLayout();

    private static final int VERSION = 0x20;

    private LinkLayout() {}

    @Override
    public int version() {
        return VERSION;
    }

    @Override
    public int compare(Integer left, Integer right) {
        return Integer.compareUnsigned(left, right);
    }

    @Override
    public long boundaryBits(Integer key) {
        return ProllyLayout.mix(Integer.toUnsignedLong(key) + 1);
    }

    @Override
    public void writeKey(Output out, Integer key, boolean inner) {
        out.varint(Integer.toUnsignedLong(key));
    }

    @Override
    public Integer readKey(ByteBuffer in, boolean inner) {
        return (int) Varint.read(in);
    }

    @Override
    public void writeValue(Output out, LinkedFile value) {
        EntryCodec.writeLinked(out, value);
    }

    @Override
    public LinkedFile readValue(ByteBuffer in) {
        return EntryCodec.readLinked(in);
    }
}
