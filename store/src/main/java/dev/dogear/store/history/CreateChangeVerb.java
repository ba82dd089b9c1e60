package dev.dogear.store.history;

import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.Authoring.FileWrite;
import dev.dogear.store.change.Authoring.NewChange;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.Metadata;
import dev.dogear.store.change.Person;
import dev.dogear.store.config.Rules;
import dev.dogear.store.exchange.FileWrites;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Timestamp;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes a change that no bookmark points at yet. It is no operation, since nothing anybody sees has moved. */
final class CreateChangeVerb {
    private final LiveRepository repository;
    private final String owner;

    /** @param owner the bookmark whose directory's owner a history has that begins here */
    CreateChangeVerb(LiveRepository repository, String owner) {
        this.repository = repository;
        this.owner = owner;
    }

    /** @param key null: as often as it is asked for */
    Change run(NewChange request, String by, @Nullable String key) {
        Once once = Once.of(repository, key, "create", by);
        // No bookmark has a name with a space: the lock is the key's.
        return repository.exclusively(List.of("asked " + key), () -> {
            Once.Done done = once.done();
            return done == null
                    ? create(request, by, once)
                    : repository.history().commit(done.commit());
        });
    }

    private Change create(NewChange request, String by, Once once) {
        Change base = repository.history().change(request.base());
        if (base == null) {
            throw new StoreException(Kind.NOT_FOUND, "There is no change " + request.base());
        }
        String message = Metadata.append(request.message(), request.metadata());
        Rules.requireMetadata(repository.settings().now(), message);
        requireRoom(repository, request.files());
        Root root = new FileWrites(
                        repository.history().objects(),
                        begun(base),
                        repository.workspaces()::newFileId,
                        Timestamp.of(repository.now()))
                .apply(request.files());
        repository.workspaces().quota().requireNames(base.root(), root);
        Person committer = request.committer() == null ? LiveRepository.person(by) : request.committer();
        List<Row> rows = new ArrayList<>();
        Change change = repository
                .history()
                .store(repository.draft(root, List.of(base), request.authors(), committer, message), rows);
        once.remember(rows, new Once.Done(0, change.commit(), false));
        repository.publishAlone(rows);
        return change;
    }

    /** @throws StoreException LIMIT for a file that is too long, or files that are too many bytes */
    static void requireRoom(LiveRepository repository, List<FileWrite> files) {
        long bytes = 0;
        for (FileWrite file : files) {
            byte[] content = file.content();
            if (content != null) {
                repository.workspaces().quota().requireFile(file.path().toString(), content.length);
                bytes += content.length;
            }
        }
        if (bytes > 0) {
            repository.workspaces().quota().require(bytes);
        }
    }

    /** The base's tree; the virtual root belongs to nobody, so a directory that begins there gets an owner. */
    private Root begun(Change base) {
        if (!base.id().equals(ChangeId.VIRTUAL_ROOT)) {
            return base.root();
        }
        Attributes attributes = repository.bookmark(owner).root().directory().attributes();
        Timestamp now = Timestamp.of(repository.now());
        return new Root(
                base.root()
                        .directory()
                        .withAttributes(base.root()
                                .directory()
                                .attributes()
                                .withOwner(attributes.uid(), attributes.gid())
                                .withTimes(now, now)),
                null,
                null);
    }
}
