// The reason why a file can't be scored, for a person to read. The modules of the list raise it; list.js shows it.

/** `message` is a whole sentence. */
export class Stop extends Error {}
