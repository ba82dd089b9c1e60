package dev.dogear.store.proposal;

import static dev.dogear.store.history.log.RowCodec.readChangeId;
import static dev.dogear.store.history.log.RowCodec.readInstant;
import static dev.dogear.store.history.log.RowCodec.readObjectId;
import static dev.dogear.store.history.log.RowCodec.readText;
import static dev.dogear.store.history.log.RowCodec.writeInstant;
import static dev.dogear.store.history.log.RowCodec.writeText;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.io.ByteArrayDataInput;
import com.google.common.io.ByteArrayDataOutput;
import com.google.common.io.ByteStreams;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.proposal.Proposal.Approval;
import dev.dogear.store.proposal.Proposal.Diff;
import dev.dogear.store.proposal.Proposal.Last;
import dev.dogear.store.proposal.Proposal.Side;
import dev.dogear.store.proposal.Proposal.State;
import dev.dogear.store.proposal.Proposal.Who;
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
        writeText(out, proposal.message());
        writeInstant(out, proposal.at());
        write(out, proposal.diff());
        out.writeInt(proposal.movers().size());
        proposal.movers().forEach(name -> writeText(out, name));
        out.writeInt(proposal.approvals().size());
        for (Approval approval : proposal.approvals()) {
            write(out, approval.by());
            writeInstant(out, approval.at());
            write(out, approval.diff());
            out.writeLong(approval.operation());
            out.writeLong(approval.endedBy());
        }
        out.writeLong(proposal.last().operation());
        writeText(out, proposal.last().by());
        writeInstant(out, proposal.last().at());
        writeText(out, proposal.last().reason());
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
        Side source = new Side(readText(in), in.readInt());
        Side target = new Side(readText(in), in.readInt());
        Who author = who(in);
        String message = readText(in);
        Instant at = readInstant(in);
        Diff diff = diff(in);
        ImmutableSet.Builder<String> movers = ImmutableSet.builder();
        for (int i = in.readInt(); i > 0; i--) {
            movers.add(readText(in));
        }
        ImmutableList.Builder<Approval> approvals = ImmutableList.builder();
        for (int i = in.readInt(); i > 0; i--) {
            approvals.add(new Approval(who(in), readInstant(in), diff(in), in.readLong(), in.readLong()));
        }
        Last last = new Last(in.readLong(), readText(in), readInstant(in), readText(in));
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

    private static void write(ByteArrayDataOutput out, Side side) {
        writeText(out, side.bookmark());
        out.writeInt(side.number());
    }

    private static void write(ByteArrayDataOutput out, Who who) {
        writeText(out, who.name());
        writeText(out, who.identity());
    }

    private static void write(ByteArrayDataOutput out, Diff diff) {
        out.write(diff.base().toBytes());
        out.write(diff.baseCommit().toBytes());
        out.write(diff.head().toBytes());
        out.write(diff.headCommit().toBytes());
    }

    private static Who who(ByteArrayDataInput in) {
        return new Who(readText(in), readText(in));
    }

    private static Diff diff(ByteArrayDataInput in) {
        return new Diff(readChangeId(in), readObjectId(in), readChangeId(in), readObjectId(in));
    }
}
