/**
 * Sending a request, and reading what comes back. Nothing here knows the protocol that is spoken.
 *
 * Reads are driven by the consumer: one effect per network read, which hands over the events of that read as one array,
 * and no read while the consumer is busy. The scope of a call owns its request: leaving it closes the socket. A response
 * that comes whole is read in the same way, and gathered.
 */
export type { Exchange } from "./exchange.ts"
export { stream } from "./stream.ts"
export { generate } from "./whole.ts"
