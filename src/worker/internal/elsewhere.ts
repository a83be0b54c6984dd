/**
 * Where there is no Node, and so none of its worker threads.
 */

/** The condition is that by which a bundler chooses the parts of this package that need Node. */
export const onlyNode = "worker threads run on Node only (a bundle for Node is built with the condition \"node\")"
