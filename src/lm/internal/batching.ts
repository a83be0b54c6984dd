/**
 * How many texts are asked for at once, as options of every way to an embedder.
 */
import * as Kinds from "../../text/kinds.ts"
import type { Names } from "../../text/options.ts"
import type { Batching } from "../Embedder.ts"

export const batchingNames: Names<Batching> = { batchSize: Kinds.countFrom(1), concurrency: Kinds.countFrom(1) }
