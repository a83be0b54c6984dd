/**
 * What is in the place of `sqlite.ts` where there is no Node.
 */
import { onNode } from "./onNode.ts"
import type * as OnNode from "./sqlite.ts"

export const texts: typeof OnNode.texts = onNode("CacheStore.sqlite")
