// Why a file can't be scored, for a person to read. Every module of the list raises it; list.js shows it.

/** `message` is in words and ends as a sentence does. */
export class Stop extends Error {}
