package dev.dogear.store.workspace;

/** A symbolic link, FIFO, socket or device. */
public final class OtherNode extends Node {}
