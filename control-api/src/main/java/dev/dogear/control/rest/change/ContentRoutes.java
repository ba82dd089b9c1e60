package dev.dogear.control.rest.change;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import dev.dogear.control.auth.Scope;
import dev.dogear.control.http.Access;
import dev.dogear.control.http.Access.Touched;
import dev.dogear.control.http.Answer;
import dev.dogear.control.http.ApiException;
import dev.dogear.control.http.Body;
import dev.dogear.control.http.Call;
import dev.dogear.control.http.Json;
import dev.dogear.control.http.Route;
import dev.dogear.control.rest.Revisions;
import dev.dogear.control.rest.Services;
import dev.dogear.control.rest.Views;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectKind;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.object.StoredContent;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.LinkTable;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.Trees;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Files and directories of a stored state. */
public final class ContentRoutes {
    /** A larger file is only to be had as raw bytes. */
    static final long INLINE_BYTES_MAX = 16 << 20;

    /** A listing ends after so many entries, and says so. */
    static final int LISTED_MAX = 10_000;

    /** What the route takes besides the metadata asked for, which may stand among them by its bare key. */
    private static final Set<String> PARAMETERS = Set.of("change_id", "revision", "path", "depth");

    private static final int DEPTH_MAX = 10;
    private static final int PIECE_BYTES = 1 << 16;
    private static final String RAW = "application/octet-stream";

    private final Store store;

    public ContentRoutes(Services services) {
        this.store = services.store();
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(Route.of(
                "GET", "/v1/{org}/{repo}/content", Access.repository(Scope.READ).touching(this::shown), this::content));
    }

    private List<Touched> shown(Call call) {
        String revision = call.query("change_id")
                .or(() -> call.query("revision"))
                .orElseGet(() -> store.repository(call.path("repo")).defaultBookmark());
        return List.of(new Touched(null, revision, Touched.Kind.REVISION));
    }

    private Answer content(Call call) {
        Repository repository = store.repository(call.path("repo"));
        View view = new View(repository.objects(), root(repository, call));
        TreePath path = path(call);
        TreeEntry entry = view.find(path);
        if (entry == null) {
            throw ApiException.notFound("There is no file or directory at " + path);
        }
        if (call.prefers(RAW)) {
            return raw(repository.objects(), entry);
        }
        ObjectNode answer = view.describe(path, entry);
        if (entry.type() == EntryType.DIRECTORY) {
            view.list(answer, path, entry, call);
        } else {
            answer.put("encoding", "base64");
            answer.put("content", Base64.getEncoder().encodeToString(bytes(repository.objects(), entry)));
        }
        return Answer.ok(answer);
    }

    private static Root root(Repository repository, Call call) {
        if (call.query("change_id").isPresent()) {
            return repository
                    .change(Body.parseChangeId("change_id", call.required("change_id")))
                    .root();
        }
        return Revisions.revision(repository, call.query("revision").orElse(repository.defaultBookmark()))
                .root();
    }

    private static TreePath path(Call call) {
        try {
            return TreePath.parse(call.query("path").orElse(""));
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid("A path is names separated by single slashes, without . and .. parts.");
        }
    }

    private static Answer raw(ObjectTable objects, TreeEntry entry) {
        if (entry.type() == EntryType.SYMLINK) {
            return new Answer.Whole(200, RAW, entry.payload());
        }
        if (entry.type() != EntryType.FILE) {
            throw new ApiException(406, "NOT_ACCEPTABLE", "Only a file can be had as raw bytes.");
        }
        StoredContent content = new StoredContent(objects, entry.content(), entry.size());
        return new Answer.Streamed(RAW, out -> copy(content, out));
    }

    private static void copy(StoredContent content, OutputStream out) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
        for (long at = 0; at < content.size(); at += piece.limit()) {
            piece.clear();
            content.readUpTo(at, piece);
            piece.flip();
            out.write(piece.array(), 0, piece.limit());
        }
    }

    private static byte[] bytes(ObjectTable objects, TreeEntry entry) {
        if (entry.type() != EntryType.FILE) {
            return entry.payload();
        }
        if (entry.size() > INLINE_BYTES_MAX) {
            throw new ApiException(
                    413, "TOO_LARGE", "The file has more than " + INLINE_BYTES_MAX + " bytes; ask with Accept: " + RAW);
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) entry.size());
        new StoredContent(objects, entry.content(), entry.size()).readUpTo(0, bytes);
        return bytes.array();
    }

    /** One state of a repository, looked into. */
    private static final class View {
        private final ObjectTable objects;
        private final Root root;
        private int listed;

        View(ObjectTable objects, Root root) {
            this.objects = objects;
            this.root = root;
        }

        @Nullable
        TreeEntry find(TreePath path) {
            TreeEntry entry = root.directory();
            for (Name name : path.names()) {
                if (entry == null || entry.type() != EntryType.DIRECTORY) {
                    return null;
                }
                TreeEntry found = Trees.find(objects, entry.content(), name);
                entry = found == null ? null : resolved(found);
            }
            return entry;
        }

        /** The entry itself, or the record of a file with several names. */
        private TreeEntry resolved(TreeEntry entry) {
            return entry.type() == EntryType.LINKED
                    ? LinkTable.require(objects, root.links(), entry.fileId()).entry()
                    : entry;
        }

        ObjectNode describe(TreePath path, TreeEntry entry) {
            ContentRef content = entry.content();
            ObjectId sha =
                    content == null ? ObjectId.of(ObjectKind.CHUNK, ByteBuffer.wrap(entry.payload())) : content.id();
            ObjectNode view = Json.object()
                    .put("type", type(entry.type()))
                    .put("name", path.isRoot() ? "" : path.name().toString())
                    .put("path", path.toString())
                    .put("sha", sha.toHex())
                    .put("mode", mode(entry))
                    .put(entry.type() == EntryType.DIRECTORY ? "child_count" : "size", entry.size());
            ImmutableMap<String, String> metadata = PathMetadata.of(entry);
            if (!metadata.isEmpty()) {
                ObjectNode fields = view.putObject("metadata");
                metadata.forEach(fields::put);
            }
            return view;
        }

        /** All levels in one list, each directory before what is in it. */
        void list(ObjectNode answer, TreePath path, TreeEntry directory, Call call) {
            Map<String, String> wanted = PathMetadata.filter(call.query(), PARAMETERS);
            ArrayNode entries = answer.putArray("entries");
            int depth = call.number("depth", 1, 0, DEPTH_MAX);
            if (depth > 0) {
                list(entries, path, directory, depth, wanted);
            }
            if (listed >= LISTED_MAX) {
                answer.put("truncated", true);
            }
        }

        private void list(
                ArrayNode entries, TreePath path, TreeEntry directory, int depth, Map<String, String> wanted) {
            TreeMap<byte[], TreeEntry> sorted = new TreeMap<>(Arrays::compareUnsigned);
            Trees.list(objects, directory.content(), 0, (name, entry) -> {
                sorted.put(name.toBytes(), entry);
                return ++listed < LISTED_MAX;
            });
            sorted.forEach((name, stored) -> {
                TreeEntry entry = resolved(stored);
                TreePath below = path.child(Name.of(name));
                if (PathMetadata.of(entry).entrySet().containsAll(wanted.entrySet())) {
                    entries.add(describe(below, entry));
                }
                if (entry.type() == EntryType.DIRECTORY && depth > 1 && listed < LISTED_MAX) {
                    list(entries, below, entry, depth - 1, wanted);
                }
            });
        }

        private static String type(EntryType type) {
            return type == EntryType.DIRECTORY ? "dir" : Views.lower(type);
        }

        private static String mode(TreeEntry entry) {
            int permissions =
                    entry.type() != EntryType.FILE ? 0 : (entry.attributes().mode() & 0100) != 0 ? 0755 : 0644;
            return String.format("%06o", entry.type().modeBits() | permissions);
        }
    }
}
