package dev.dogear.store.workspace;

/** A regular file. */
public final class FileNode extends Node {}
