package dev.dogear.store.workspace;

/** A directory. */
public final class DirectoryNode extends Node {}
