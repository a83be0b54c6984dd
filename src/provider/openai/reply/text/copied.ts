/**
 * The text by itself. From 13 characters on V8 makes a slice a view of the text that it was cut from, which would keep the
 * whole network read in memory for as long as the slice is kept.
 */
export const copied = (text: string): string => text.length < 13 ? text : [text.slice(0, 1), text.slice(1)].join("")
