package dev.dogear.control.rest.change;

import com.google.common.collect.ImmutableMap;
import dev.dogear.store.tree.TreeEntry;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;

/**
 * The metadata of a path as the published API shows them: its extended attributes {@code user.…} that are text. They are
 * those of the change that is read, as all else of it is.
 */
final class PathMetadata {
    private static final String USER = "user.";
    private static final String DEEP = "metadata[";

    private PathMetadata() {}

    static ImmutableMap<String, String> of(TreeEntry entry) {
        ImmutableMap.Builder<String, String> metadata = ImmutableMap.builder();
        entry.attributes().xattrs().asMap().forEach((name, value) -> {
            if (name.startsWith(USER)) {
                try {
                    String text = StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(value))
                            .toString();
                    metadata.put(name.substring(USER.length()), text);
                } catch (CharacterCodingException e) {
                    // Bytes are no text: seen in the mount alone.
                }
            }
        });
        return metadata.buildOrThrow();
    }

    /** What a listing is limited to: {@code metadata[key]=value}, or what the 0.38 client makes of it, {@code key=value}. */
    static Map<String, String> filter(Map<String, String> query, Set<String> parameters) {
        ImmutableMap.Builder<String, String> wanted = ImmutableMap.builder();
        query.forEach((name, value) -> {
            if (name.startsWith(DEEP) && name.endsWith("]")) {
                wanted.put(name.substring(DEEP.length(), name.length() - 1), value);
            } else if (!parameters.contains(name)) {
                wanted.put(name, value);
            }
        });
        return wanted.buildKeepingLast();
    }
}
