package dev.dogear.store.object;

/** The heap's table keeps the contract. */
final class MemoryObjectTableTest extends ObjectTableContract {
    private final ObjectTable table = new MemoryObjectTable();

    @Override
    protected ObjectTable table() {
        return table;
    }
}
