package dev.dogear.store.history.log;

import com.google.common.collect.ImmutableList;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.Operation;
import dev.dogear.store.change.Person;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectKind;
import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.Xattrs;
import dev.dogear.store.workspace.Workspace;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** How every history begins: with the virtual root, which is the same in all repositories and stored in none. */
public final class Beginning {
    private static final int DIRECTORY_MODE = 0755;
    private static final Person NOBODY = new Person("", "");

    /** The empty tree. */
    public static final Change VIRTUAL_ROOT = virtualRoot();

    private Beginning() {}

    private static Change virtualRoot() {
        Root empty = emptyRoot(0, 0, Timestamp.EPOCH);
        ObjectId none = ObjectId.of(ObjectKind.CHANGE, ByteBuffer.allocate(0));
        Change draft = new Change(
                ChangeId.VIRTUAL_ROOT,
                none,
                ImmutableList.of(),
                empty,
                ImmutableList.of(),
                NOBODY,
                "",
                Instant.EPOCH,
                0);
        ObjectId commit = ObjectId.of(ObjectKind.CHANGE, ByteBuffer.wrap(RowCodec.encodeChange(draft)));
        return new Change(draft.id(), commit, draft.parents(), empty, draft.authors(), NOBODY, "", Instant.EPOCH, 0);
    }

    private static Root emptyRoot(int uid, int gid, Timestamp at) {
        Attributes attributes = new Attributes(DIRECTORY_MODE, uid, gid, at, at, Xattrs.NONE);
        return new Root(TreeEntry.directory(TreeEntry.ROOT_FILE_ID, attributes, 0, null), null, null);
    }

    /** The first rows of a repository: its default bookmark at the virtual root, its directory owned by {@code uid}. */
    public static List<Row> rows(RepositoryRow repository, int number, int uid, int gid, String by) {
        Instant now = repository.created();
        Root root = emptyRoot(uid, gid, Timestamp.of(now));
        BookmarkState state = new BookmarkState(number, VIRTUAL_ROOT.id(), VIRTUAL_ROOT.commit(), root, 0, 0, now, now);
        LoggedOperation operation = new LoggedOperation(
                1,
                Operation.Kind.CREATE,
                by,
                now,
                0,
                null,
                ImmutableList.of(new LoggedOperation.Step(repository.defaultBookmark(), null, state)));
        List<Row> rows = new ArrayList<>(HistoryTables.rows(operation));
        rows.add(Bookmarks.allFolded());
        rows.add(BookmarkFacts.origin(number, new BookmarkFacts.Origin(null, VIRTUAL_ROOT.id())));
        rows.add(new Workspace.Saved(number, root, 0).row());
        return rows;
    }
}
