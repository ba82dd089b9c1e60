package dev.dogear.control;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A test with a store and a socket of its own; the store is checked when it ends. */
public abstract class LiveTest {
    @TempDir
    protected Path folder;

    protected LiveApi live;
    protected RawHttp http;

    @BeforeEach
    protected final void openLive() {
        live = new LiveApi(folder);
        http = live.http();
    }

    @AfterEach
    protected final void closeLive() {
        live.close();
    }

    /** As after the end of the daemon. */
    protected final void reopenLive() {
        closeLive();
        openLive();
    }
}
