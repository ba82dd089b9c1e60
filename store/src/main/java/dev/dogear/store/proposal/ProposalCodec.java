package dev.dogear.store.proposal;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.io.ByteArrayDataInput;
import com.google.common.io.ByteArrayDataOutput;
import com.google.common.io.ByteStreams;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.proposal.Proposal.Approval;
import dev.dogear.store.proposal.Proposal.Diff;
import dev.dogear.store.proposal.Proposal.Last;
import dev.dogear.store.proposal.Proposal.Side;
import dev.dogear.store.proposal.Proposal.State;
import dev.dogear.store.proposal.Proposal.Who;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * The bytes of a proposal, as a row of META has them. Big-endian; a text is its UTF-8 length (u32) and bytes; a moment is
 * seconds (i64) and nanoseconds (u32); a diff is two times change id and commit. Layout: version u8, state u8, former u8,
 * source and target (text, number i32), author (name, identity), message, moment, diff, movers (count u32, texts), approvals
 * (count u32; name, identity, moment, diff, operation i64, ended by i64), last (operation i64, name, moment, reason).
 */
final class ProposalCodec {
    private static final byte VERSION = 1;

    private ProposalCodec() {}

    static byte[] encode(Proposal proposal) {
        ByteArrayDataOutput out = ByteStreams.newDataOutput();
        out.writeByte(VERSION);
        out.writeByte(proposal.state().code());
        out.writeByte(proposal.former().code());
        write(out, proposal.source());
        write(out, proposal.target());
        write(out, proposal.author());
        write(out, proposal.message());
        write(out, proposal.at());
        write(out, proposal.diff());
        out.writeInt(proposal.movers().size());
        proposal.movers().forEach(name -> write(out, name));
        out.writeInt(proposal.approvals().size());
        for (Approval approval : proposal.approvals()) {
            write(out, approval.by());
            write(out, approval.at());
            write(out, approval.diff());
            out.writeLong(approval.operation());
            out.writeLong(approval.endedBy());
        }
        out.writeLong(proposal.last().operation());
        write(out, proposal.last().by());
        write(out, proposal.last().at());
        write(out, proposal.last().reason());
        return out.toByteArray();
    }

    /** @throws StoreException NEWER_FORMAT; CORRUPT */
    static Proposal decode(long number, byte[] value) {
        try {
            return read(number, value);
        } catch (IllegalArgumentException | IllegalStateException | NegativeArraySizeException e) {
            throw new StoreException(Kind.CORRUPT, "Proposal " + number + " is damaged", e);
        }
    }

    private static Proposal read(long number, byte[] value) {
        ByteArrayDataInput in = ByteStreams.newDataInput(value);
        int version = in.readByte();
        if (version != VERSION) {
            throw new StoreException(
                    Kind.NEWER_FORMAT, "A proposal has the version " + version + "; use a newer Dogear");
        }
        State state = State.ofCode(in.readByte());
        State former = State.ofCode(in.readByte());
        Side source = new Side(text(in), in.readInt());
        Side target = new Side(text(in), in.readInt());
        Who author = who(in);
        String message = text(in);
        Instant at = instant(in);
        Diff diff = diff(in);
        ImmutableSet.Builder<String> movers = ImmutableSet.builder();
        for (int i = in.readInt(); i > 0; i--) {
            movers.add(text(in));
        }
        ImmutableList.Builder<Approval> approvals = ImmutableList.builder();
        for (int i = in.readInt(); i > 0; i--) {
            approvals.add(new Approval(who(in), instant(in), diff(in), in.readLong(), in.readLong()));
        }
        Last last = new Last(in.readLong(), text(in), instant(in), text(in));
        return new Proposal(
                number,
                state,
                former,
                source,
                target,
                author,
                message,
                at,
                diff,
                movers.build(),
                approvals.build(),
                last);
    }

    private static void write(ByteArrayDataOutput out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static void write(ByteArrayDataOutput out, Side side) {
        write(out, side.bookmark());
        out.writeInt(side.number());
    }

    private static void write(ByteArrayDataOutput out, Who who) {
        write(out, who.name());
        write(out, who.identity());
    }

    private static void write(ByteArrayDataOutput out, Instant instant) {
        out.writeLong(instant.getEpochSecond());
        out.writeInt(instant.getNano());
    }

    private static void write(ByteArrayDataOutput out, Diff diff) {
        out.write(diff.base().toBytes());
        out.write(diff.baseCommit().toBytes());
        out.write(diff.head().toBytes());
        out.write(diff.headCommit().toBytes());
    }

    private static String text(ByteArrayDataInput in) {
        return new String(bytes(in, in.readInt()), StandardCharsets.UTF_8);
    }

    private static Who who(ByteArrayDataInput in) {
        return new Who(text(in), text(in));
    }

    private static Instant instant(ByteArrayDataInput in) {
        return Instant.ofEpochSecond(in.readLong(), in.readInt());
    }

    private static Diff diff(ByteArrayDataInput in) {
        return new Diff(change(in), commit(in), change(in), commit(in));
    }

    private static ChangeId change(ByteArrayDataInput in) {
        return ChangeId.of(bytes(in, ChangeId.BYTES));
    }

    private static ObjectId commit(ByteArrayDataInput in) {
        return ObjectId.read(ByteBuffer.wrap(bytes(in, ObjectId.BYTES)));
    }

    private static byte[] bytes(ByteArrayDataInput in, int length) {
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }
}
